package io.cloacina.guard.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;

/** SHA-256 (FIPS 180-4) by the provider that the JDK itself had when it was first asked for. Safe for use by many threads. */
public final class Sha256 {

    private static volatile boolean providerKnown;

    private Sha256() {}

    /** Found only when it is needed: the first digest of a JVM takes it some twenty milliseconds. */
    private static final class Jdk {
        /** Never used itself. */
        private static final MessageDigest PATTERN = jdkDigest();
    }

    /** A fresh digest, for one thread. Not asked for by name each time, as providers make each by reflection. */
    public static MessageDigest digest() {
        MessageDigest pattern = Jdk.PATTERN;
        providerKnown = true;
        try {
            return (MessageDigest) pattern.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 of [" + pattern.getProvider() + "] cannot be copied", e);
        }
    }

    /**
     * The digest of a few bytes, without the JDK's provider as long as nothing else needed that: many a JVM ends with
     * nothing to hash but two lines of its record.
     *
     * @return 32 bytes
     */
    public static byte[] ofShort(byte[] bytes) {
        return providerKnown ? digest().digest(bytes) : PlainSha256.of(bytes);
    }

    // Every Java platform has SHA-256; OpenJDK has it in "SUN".
    private static MessageDigest jdkDigest() {
        try {
            Provider sun = Security.getProvider("SUN");
            return sun == null ? MessageDigest.getInstance("SHA-256") : MessageDigest.getInstance("SHA-256", sun);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
