package io.cloacina.guard.crypto;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;

/** SHA-256 (FIPS 180-4) by the provider that the JDK itself had when this class was initialised. */
public final class Sha256 {

    private static final Provider PROVIDER = jdkProvider();

    private Sha256() {}

    /** A fresh digest, for one thread. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256", PROVIDER);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("provider [" + PROVIDER.getName() + "] no longer has SHA-256", e);
        }
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
