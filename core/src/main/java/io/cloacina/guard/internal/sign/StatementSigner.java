// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.sign;

import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.file.AtomicFile;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.internal.trust.StatementRow;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.SigningException;
import io.cloacina.guard.sign.SigningException.Reason;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.sign.StatementSignature;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.DsseEnvelope;
import io.cloacina.guard.verify.MalformedSignatureException;
import io.cloacina.guard.verify.PackageStatement;
import io.cloacina.guard.verify.SignedStatement;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes signatures of version 2. A statement that says the same already stays, with its first date. */
final class StatementSigner {

    private final CheckedSigner key;
    private final Fingerprint fingerprint;
    private final SignatureFiles files;
    private final KeyStore store;

    /** @param store where signatures are kept, too; null for none */
    StatementSigner(CheckedSigner key, SignatureFiles files, KeyStore store) {
        this.key = key;
        this.fingerprint = key.fingerprint();
        this.files = files;
        this.store = store;
    }

    /**
     * @param paths of the packages, as they are to be named
     * @param hashes of the packages, in the same order
     * @param wanted where the signature is to lie; null for nowhere
     * @return one for each package, the file with the last of them
     */
    List<PreparedSignature> prepare(
            List<Path> paths, List<PackageHash> hashes, Path wanted, StatementRequest request, Instant now)
            throws SigningException, StoreUnavailableException {
        SignatureFiles.Present present =
                wanted == null ? null : files.present(wanted).orElse(null);
        boolean isVersion1 = present != null && present.version1() != null;
        // What is added to lies in the store then, and the file of version 1 stays.
        Path file = isVersion1 && request.adds() ? null : wanted;
        SignedStatement there = present == null ? null : present.version2();
        DsseEnvelope envelope =
                request.adds() ? added(paths, hashes, file, there) : signed(paths, hashes, there, request, now);
        byte[] content = envelope.encode();
        if (content.length > DsseEnvelope.MAX_SIZE_BYTES) {
            throw new SigningException(
                    Reason.STATEMENT_TOO_LARGE,
                    "the signature would have [" + content.length + "] bytes, and nothing reads one of more than 256"
                            + " KiB; sign fewer packages together",
                    null);
        }
        boolean unchanged = file == null || there != null && isSame(there.envelope(), envelope);
        AtomicFile written = unchanged ? null : files.write(file, content);
        DsseEnvelope own =
                new DsseEnvelope(envelope.payloadType(), envelope.payload(), List.of(envelope.by(fingerprint)));
        List<PreparedSignature> prepared = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            StatementSignature made = new StatementSignature(hashes.get(i), fingerprint, own, now);
            SignedPackage one = new SignedPackage(paths.get(i), null, made, file, false, unchanged);
            boolean last = i == paths.size() - 1;
            prepared.add(new PreparedSignature(one, last ? written : null, last && isVersion1 && file != null ? 1 : 0));
        }
        return prepared;
    }

    private static boolean isSame(DsseEnvelope one, DsseEnvelope other) {
        return Arrays.equals(one.encode(), other.encode());
    }

    private DsseEnvelope signed(
            List<Path> paths, List<PackageHash> hashes, SignedStatement there, StatementRequest request, Instant now)
            throws SigningException, StoreUnavailableException {
        List<PackageStatement.Subject> subjects = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            subjects.add(new PackageStatement.Subject(name(paths.get(i)), hashes.get(i)));
        }
        if (subjects.size() > PackageStatement.MAX_SUBJECTS) {
            throw new SigningException(
                    Reason.STATEMENT_TOO_LARGE,
                    "a statement is about 1000 packages at most, not about [" + subjects.size()
                            + "]; sign fewer together",
                    null);
        }
        PackageStatement wanted =
                new PackageStatement(subjects, request.name(), request.version(), now, request.expiresAt());
        if (there != null && there.statement().saysSame(wanted) && isSignedBySelf(there.envelope())) {
            return there.envelope();
        }
        SignedStatement stored = stored(hashes.get(0), wanted);
        byte[] payload = stored == null ? wanted.encode() : stored.envelope().payload();
        return new DsseEnvelope(PackageStatement.PAYLOAD_TYPE, payload, List.of(sign(payload)));
    }

    /** The statement in the store that this key has signed, and that says the same; null if there is none. */
    private SignedStatement stored(PackageHash hash, PackageStatement wanted) throws StoreUnavailableException {
        for (StatementRow row : rows(hash)) {
            SignedStatement one = readable(row);
            if (one != null
                    && row.keyFingerprint().equals(fingerprint)
                    && one.statement().saysSame(wanted)
                    && isSignedBySelf(one.envelope())) {
                return one;
            }
        }
        return null;
    }

    private DsseEnvelope added(List<Path> paths, List<PackageHash> hashes, Path file, SignedStatement there)
            throws SigningException, StoreUnavailableException {
        SignedStatement base = there != null ? there : storedAbout(hashes.get(0));
        if (base == null) {
            throw new SigningException(
                    Reason.NOTHING_TO_ADD_TO,
                    "[" + paths.get(0) + "] has no signature of version 2 that another can be added to"
                            + (file == null ? "" : " (neither [" + file + "] nor in the trust store)")
                            + "; the first one is made with: sign --format 2",
                    null);
        }
        for (int i = 0; i < hashes.size(); i++) {
            if (!base.statement().isAbout(hashes.get(i))) {
                throw new SigningException(
                        Reason.NOTHING_TO_ADD_TO,
                        "the signature that another was to be added to is not about [" + paths.get(i)
                                + "] as it is now; the first one for that is made with: sign --format 2",
                        null);
            }
        }
        DsseEnvelope envelope = base.envelope();
        if (isSignedBySelf(envelope)) {
            return envelope;
        }
        List<DsseEnvelope.Signed> signatures = new ArrayList<>();
        for (DsseEnvelope.Signed one : envelope.signatures()) {
            // One that is said to be by this key and is not is replaced.
            if (!one.keyId().equals(fingerprint)) {
                signatures.add(one);
            }
        }
        if (signatures.size() == DsseEnvelope.MAX_SIGNATURES) {
            throw new SigningException(
                    Reason.NOTHING_TO_ADD_TO,
                    "[" + file + "] has 16 signatures, which is the most; others can be added in the trust store only",
                    null);
        }
        signatures.add(sign(envelope.payload()));
        return new DsseEnvelope(envelope.payloadType(), envelope.payload(), signatures);
    }

    /** The oldest statement in the store about a package, by whomever; null if there is none. */
    private SignedStatement storedAbout(PackageHash hash) throws StoreUnavailableException {
        for (StatementRow row : rows(hash)) {
            SignedStatement one = readable(row);
            if (one != null && one.statement().isAbout(hash)) {
                return one;
            }
        }
        return null;
    }

    private List<StatementRow> rows(PackageHash hash) throws StoreUnavailableException {
        return store == null ? List.of() : store.statements().of(hash);
    }

    private static SignedStatement readable(StatementRow row) {
        try {
            return SignedStatement.parse(row.envelope());
        } catch (MalformedSignatureException e) {
            return null;
        }
    }

    private boolean isSignedBySelf(DsseEnvelope envelope) {
        DsseEnvelope.Signed own = envelope.by(fingerprint);
        return own != null && key.publicKey().verifies(envelope.pae(), own.signature());
    }

    private DsseEnvelope.Signed sign(byte[] payload) throws SigningException {
        return new DsseEnvelope.Signed(fingerprint, key.sign(DsseEnvelope.pae(PackageStatement.PAYLOAD_TYPE, payload)));
    }

    /** As a subject is called: the file's name; of what lies in an archive, the archive's and the path in it. */
    private static String name(Path path) {
        String text = path.toString();
        int inside = text.indexOf("!/");
        if (inside >= 0) {
            return text.substring(text.lastIndexOf('/', inside) + 1);
        }
        return path.getFileName() == null ? text : path.getFileName().toString();
    }
}
