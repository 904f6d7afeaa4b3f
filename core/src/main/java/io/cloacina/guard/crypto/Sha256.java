package io.cloacina.guard.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;

/** SHA-256 (FIPS 180-4) by the provider that the JDK itself had when it was first asked for. Safe for use by many threads. */
public final class Sha256 {

    private static volatile boolean providerKnown;

    private Sha256() {}

    /** Found only when it is needed: the first digest of a JVM takes it some twenty milliseconds. */
    private static final class Jdk {
        private static final Provider PROVIDER = jdkProvider();
    }

    /** A fresh digest, for one thread. */
    public static MessageDigest digest() {
        Provider provider = Jdk.PROVIDER;
        providerKnown = true;
        try {
            return MessageDigest.getInstance("SHA-256", provider);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("provider [" + provider.getName() + "] no longer has SHA-256", e);
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
    private static Provider jdkProvider() {
        try {
            Provider sun = java.security.Security.getProvider("SUN");
            return (sun == null ? MessageDigest.getInstance("SHA-256") : MessageDigest.getInstance("SHA-256", sun))
                    .getProvider();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }
}
