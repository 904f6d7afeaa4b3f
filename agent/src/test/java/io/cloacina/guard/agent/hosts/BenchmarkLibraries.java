// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.verify.DetachedSignature;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Properties;
import org.sqlite.JDBC;

/**
 * What the libraries alone take in a JVM without the guard, for the first time: the limit of a first plugin. Prints
 * milliseconds.
 */
public final class BenchmarkLibraries {

    private BenchmarkLibraries() {}

    public static void main(String[] arguments) throws Exception {
        long start = System.nanoTime();
        boolean done = arguments[0].equals("signature")
                ? signature(Path.of(arguments[1]), Path.of(arguments[2]))
                : store(arguments[1]);
        double millis = (System.nanoTime() - start) / 1e6;
        if (!done) {
            throw new IllegalStateException(arguments[0]);
        }
        System.out.println(millis);
    }

    /** Reads a key and a detached signature, hashes the package, verifies. */
    private static boolean signature(Path jar, Path key) throws Exception {
        byte[] hash = PackageHash.ofContent(Files.readAllBytes(jar)).bytes();
        DetachedSignature signature =
                DetachedSignature.read(DetachedSignature.pathFor(jar)).orElseThrow();
        return Pem.readPublicKey(Files.readAllBytes(key)).verifies(hash, signature.signature());
    }

    /** Opens a store by the driver, and asks it one question. */
    private static boolean store(String file) throws Exception {
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + file, new Properties());
                PreparedStatement question =
                        connection.prepareStatement("SELECT count(*) FROM trusted_keys WHERE org_id = ?")) {
            question.setString(1, "none");
            try (ResultSet answer = question.executeQuery()) {
                return answer.next();
            }
        }
    }
}
