// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.crypto.Sha256;
import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether all that was named vouches for a package. Safe for use by many threads.
 *
 * <p>What is checked is what is hashed: a package that is changed meanwhile has another hash when it is signed.
 */
public final class Intake {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final String PGP_SIGNATURE = ".asc";

    private final Named named;
    private final Clock clock;

    /**
     * What has to vouch for the package; at least one of them.
     *
     * @param pgpSignature the signature file, for one package; null for {@code X.asc} beside each
     * @param hash of the package, for one package
     */
    public record Named(
            @Nullable PgpKeyFile pgpKeys,
            @Nullable Path pgpSignature,
            @Nullable JarSigner jarSigner,
            @Nullable PackageHash hash,
            @Nullable HashList hashes) {
        public Named {
            if (pgpKeys == null && jarSigner == null && hash == null && hashes == null) {
                throw new IllegalArgumentException("nothing is named that should vouch for a package");
            }
        }
    }

    /**
     * A package for which everything vouches that was named.
     *
     * @param hash of what was checked, which alone may be signed
     */
    public record Taken(PackageHash hash, List<Evidence> evidence) {
        public Taken {
            Objects.requireNonNull(hash);
            evidence = List.copyOf(evidence);
        }
    }

    public Intake(Named named, Clock clock) {
        this.named = Objects.requireNonNull(named);
        this.clock = Objects.requireNonNull(clock);
    }

    /**
     * @param progress called, on this thread, with every few bytes that were read
     * @throws IntakeRefusedException if something that was named does not vouch for it
     * @throws UnreadablePackageException if the package cannot be read
     * @throws IOException if the evidence cannot be
     */
    public Taken check(Path file, LongConsumer progress)
            throws IntakeRefusedException, UnreadablePackageException, IOException {
        if (!Files.isRegularFile(file)) {
            // It says what is wrong.
            PackageSnapshot.hash(file);
        }
        Instant now = clock.instant();
        List<Evidence> evidence = new ArrayList<>();
        PgpCheck pgp = named.pgpKeys() == null ? null : beginPgp(named.pgpKeys(), file, now);
        PackageHash hash = named.jarSigner() == null
                ? read(file, pgp, progress)
                : check(file, named.jarSigner(), pgp, now, evidence);
        if (pgp != null) {
            evidence.add(0, pgp.finish());
        }
        if (named.hash() != null) {
            evidence.add(check(file, named.hash(), hash));
        }
        if (named.hashes() != null) {
            evidence.add(named.hashes().check(file, hash));
        }
        return new Taken(hash, evidence);
    }

    private static Evidence check(Path file, PackageHash wanted, PackageHash hash) throws IntakeRefusedException {
        if (!wanted.equals(hash)) {
            throw new IntakeRefusedException(
                    Reason.DIFFERENT_HASH, "[" + file + "] has the SHA-256 " + hash + ", not " + wanted);
        }
        return new Evidence(Evidence.SHA256, hash.hex(), null, "given with the command");
    }

    private PgpCheck beginPgp(PgpKeyFile keys, Path file, Instant now) throws IntakeRefusedException, IOException {
        Path signature = named.pgpSignature() != null
                ? named.pgpSignature()
                : file.resolveSibling(file.getFileName() + PGP_SIGNATURE);
        if (named.pgpSignature() == null && !Files.exists(signature, LinkOption.NOFOLLOW_LINKS)) {
            throw new IntakeRefusedException(
                    Reason.NO_EVIDENCE, "[" + file + "] has no OpenPGP signature [" + signature + "] beside it");
        }
        byte[] content = GivenFile.read(signature, PgpCheck.MOST_BYTES);
        return PgpCheck.begin(keys, content, signature.toString(), now);
    }

    private static PackageHash read(Path file, @Nullable PgpCheck pgp, LongConsumer progress)
            throws UnreadablePackageException {
        if (pgp == null) {
            return PackageSnapshot.hash(file, progress);
        }
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            long left = Files.size(file);
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                left -= n;
                if (left < 0) {
                    throw new UnreadablePackageException("[" + file + "] grew while it was read");
                }
                digest.update(buffer, 0, n);
                pgp.update(buffer, n);
                progress.accept(n);
            }
        } catch (IOException e) {
            throw new UnreadablePackageException("[" + file + "] cannot be read: " + GivenFile.reason(e), e);
        }
        return PackageHash.ofDigest(digest.digest());
    }

    /** The JDK reads JARs by their paths, so it gets one that is the same for as long as it takes. */
    private static PackageHash check(
            Path file, JarSigner signer, @Nullable PgpCheck pgp, Instant now, List<Evidence> evidence)
            throws IntakeRefusedException, UnreadablePackageException, IOException {
        Path directory = Files.createTempDirectory("cloacina-intake-");
        Path copy = directory.resolve("package");
        try {
            PackageHash hash = PackageSnapshot.copy(file, copy);
            if (pgp != null) {
                read(copy, pgp, read -> {});
            }
            evidence.add(JarCheck.check(signer, copy, file.toString(), now));
            return hash;
        } finally {
            Files.deleteIfExists(copy);
            Files.delete(directory);
        }
    }
}
