// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.intake;

import io.cloacina.guard.internal.intake.IntakeRefusedException.Reason;
import io.cloacina.guard.internal.text.Printable;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSigner;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Checks that every entry of a JAR is signed under a certificate that was named.
 *
 * <p>The JDK checks the signatures, this class what the JDK leaves open or to the machine's settings: that the manifest is
 * signed as a whole; that strong algorithms alone are needed, for the entries, the manifest and the signature; that no
 * entry is unsigned, there twice, or was taken out; and that there is one way to read the archive.
 *
 * <p>For one thread. The file must not change meanwhile.
 */
final class JarCheck {

    private static final String META_INF = "META-INF/";
    private static final List<String> BLOCKS = List.of(".RSA", ".DSA", ".EC");
    private static final String SIGNED = ".SF";

    private static final int MOST_MANIFEST_BYTES = 64 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    /** What even the smallest JAR may have in it, and how much of that larger ones may for each of their own bytes. */
    private static final long MIN_BYTES = 512L << 20;

    private static final int MOST_RATIO = 64;

    /** As manifests name them, and as the JDK does. */
    private static final Map<String, String> DIGESTS = Map.of(
            "SHA-224", "SHA-224",
            "SHA-256", "SHA-256",
            "SHA-384", "SHA-384",
            "SHA-512", "SHA-512",
            "SHA3-256", "SHA3-256",
            "SHA3-384", "SHA3-384",
            "SHA3-512", "SHA3-512");

    private final JarSigner named;
    private final String name;
    private final Instant now;
    private final Set<X509Certificate> signers = new LinkedHashSet<>();
    private final Set<String> strangers = new LinkedHashSet<>();
    private final Map<String, JarEntry> inMetaInf = new TreeMap<>();
    private long left;

    private JarCheck(JarSigner named, String name, Instant now) {
        this.named = named;
        this.name = name;
        this.now = now;
    }

    /** @param name of the package, for messages */
    static Evidence check(JarSigner named, Path file, String name, Instant now) throws IntakeRefusedException {
        JarCheck check = new JarCheck(named, name, now);
        try {
            ZipLayout.require(file, name);
            check.left = Math.max(MIN_BYTES, Files.size(file) * MOST_RATIO);
            try (JarFile jar = new JarFile(file.toFile(), true, ZipFile.OPEN_READ, JarFile.baseVersion())) {
                return check.check(jar);
            }
        } catch (SecurityException e) {
            throw check.refused(
                    Reason.INVALID_EVIDENCE,
                    "is not what was signed: " + Printable.of(String.valueOf(e.getMessage())),
                    e);
        } catch (IOException | RuntimeException e) {
            // The JDK throws what it cannot read, such as an IndexOutOfBoundsException.
            throw check.refused(
                    Reason.MALFORMED_EVIDENCE,
                    "cannot be read as a JAR: " + Printable.of(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private IntakeRefusedException refused(Reason reason, String what, @Nullable Throwable cause) {
        return new IntakeRefusedException(reason, "[" + name + "] " + what, cause);
    }

    private IntakeRefusedException unsigned(String what) {
        return refused(Reason.UNSIGNED_CONTENT, what, null);
    }

    private Evidence check(JarFile jar) throws IOException, IntakeRefusedException {
        List<JarEntry> entries = Collections.list(jar.entries());
        for (JarEntry entry : entries) {
            String upper = upper(entry.getName());
            // The JDK finds these whatever their case, so there must be one each.
            if (upper.startsWith(META_INF) && inMetaInf.put(upper, entry) != null) {
                throw unsigned("has two entries [" + Printable.of(entry.getName()) + "] but for capitals");
            }
            // The JDK reads these into memory as soon as any entry is read.
            if (isSignatureFile(upper) && entry.getSize() > MOST_MANIFEST_BYTES) {
                throw refused(
                        Reason.MALFORMED_EVIDENCE,
                        "has an entry [" + Printable.of(entry.getName()) + "] that is larger than any signer makes it",
                        null);
            }
        }
        JarEntry manifestEntry = inMetaInf.get(JarFile.MANIFEST_NAME);
        Set<String> blocks = blocks();
        if (manifestEntry == null || blocks.isEmpty()) {
            throw refused(Reason.NO_EVIDENCE, "is no signed JAR", null);
        }
        byte[] manifest = read(jar, manifestEntry, MOST_MANIFEST_BYTES);
        for (String block : blocks) {
            look(jar, block, manifest);
        }
        if (signers.isEmpty()) {
            throw refused(
                    Reason.UNKNOWN_SIGNER,
                    "is signed by [" + String.join("], [", strangers) + "], and not under [" + named.name() + "]",
                    null);
        }
        Map<String, Attributes> sections = new Manifest(new ByteArrayInputStream(manifest)).getEntries();
        requireSigned(jar, entries, sections);
        requireAllThere(entries, sections);
        X509Certificate signer = signers.iterator().next();
        return new Evidence(
                Evidence.JAR_SIGNER,
                JarSigner.fingerprint(signer).hex(),
                named.digest().hex(),
                JarSigner.name(signer));
    }

    private static boolean isSignatureFile(String upper) {
        return upper.equals(JarFile.MANIFEST_NAME)
                || upper.startsWith(META_INF) && (upper.endsWith(SIGNED) || BLOCKS.contains(suffix(upper)));
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ENGLISH);
    }

    /** The upper-case names of the signature blocks that have a file beside them which they sign. */
    private Set<String> blocks() {
        Set<String> blocks = new LinkedHashSet<>();
        for (String upper : inMetaInf.keySet()) {
            if (upper.indexOf('/', META_INF.length()) < 0
                    && BLOCKS.contains(suffix(upper))
                    && inMetaInf.containsKey(base(upper) + SIGNED)) {
                blocks.add(upper);
            }
        }
        return blocks;
    }

    private static String suffix(String name) {
        return name.substring(Math.max(0, name.lastIndexOf('.')));
    }

    private static String base(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    private byte[] read(JarFile jar, JarEntry entry, int most) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            byte[] content = in.readNBytes(most + 1);
            if (content.length > most) {
                throw new IOException("[" + entry.getName() + "] is larger than any signer makes it");
            }
            return content;
        }
    }

    private void look(JarFile jar, String name, byte[] manifest) throws IOException, IntakeRefusedException {
        JarEntry entry = Objects.requireNonNull(inMetaInf.get(name));
        SignatureBlock block;
        try {
            block = SignatureBlock.read(read(jar, entry, SignatureBlock.MOST_BYTES));
        } catch (IllegalArgumentException e) {
            throw refused(
                    Reason.MALFORMED_EVIDENCE, "has in [" + Printable.of(entry.getName()) + "]: " + e.getMessage(), e);
        }
        for (SignatureBlock.Signer signer : block.signers()) {
            List<X509Certificate> chain = named.chain(signer.certificate(), block.certificates());
            if (chain == null) {
                strangers.add(JarSigner.name(signer.certificate()));
                continue;
            }
            try {
                named.require(chain, now);
                JarStrength.requireStrong(
                        signer.digestOid(),
                        signer.signatureOid(),
                        signer.parameters(),
                        "the signature in [" + Printable.of(entry.getName()) + "]");
                requireWhole(jar, base(name) + SIGNED, manifest);
            } catch (IntakeRefusedException e) {
                throw refused(e.reason(), "is signed under [" + named.name() + "], but " + e.getMessage(), e);
            }
            signers.add(signer.certificate());
        }
    }

    /** That the file which the block signs has a strong digest of the manifest as it is. */
    private void requireWhole(JarFile jar, String name, byte[] manifest) throws IOException, IntakeRefusedException {
        JarEntry entry = Objects.requireNonNull(inMetaInf.get(name));
        Attributes main =
                new Manifest(new ByteArrayInputStream(read(jar, entry, MOST_MANIFEST_BYTES))).getMainAttributes();
        Digests digests = Digests.of(main, "-DIGEST-MANIFEST");
        String shown = "[" + Printable.of(entry.getName()) + "]";
        if (digests.strong.isEmpty()) {
            throw new IntakeRefusedException(
                    digests.weak.isEmpty() ? Reason.UNSIGNED_CONTENT : Reason.WEAK_EVIDENCE,
                    shown + " has no digest of the whole manifest that counts"
                            + (digests.weak.isEmpty() ? "" : " (only " + String.join(", ", digests.weak) + ")"));
        }
        digests.update(manifest, manifest.length);
        if (!digests.areRight()) {
            throw new IntakeRefusedException(
                    Reason.UNSIGNED_CONTENT, "the manifest was changed after " + shown + " was made");
        }
    }

    /** The digests that a section names, by strength. */
    private static final class Digests {
        private final IdentityHashMap<MessageDigest, byte[]> strong = new IdentityHashMap<>();
        private final List<String> weak = new ArrayList<>();

        static Digests of(@Nullable Attributes section, String suffix) {
            Digests digests = new Digests();
            if (section == null) {
                return digests;
            }
            for (Map.Entry<Object, Object> one : section.entrySet()) {
                String attribute = upper(one.getKey().toString());
                if (attribute.endsWith(suffix)) {
                    digests.add(attribute.substring(0, attribute.length() - suffix.length()), (String) one.getValue());
                }
            }
            return digests;
        }

        private void add(String algorithm, String base64) {
            String known = DIGESTS.get(algorithm);
            if (known == null) {
                weak.add(Printable.of(algorithm));
                return;
            }
            try {
                strong.put(
                        MessageDigest.getInstance(known),
                        Base64.getMimeDecoder().decode(base64));
            } catch (NoSuchAlgorithmException e) {
                // Then it cannot be checked, and does not count.
                weak.add(known);
            }
        }

        void update(byte[] bytes, int length) {
            for (MessageDigest digest : strong.keySet()) {
                digest.update(bytes, 0, length);
            }
        }

        boolean areRight() {
            for (Map.Entry<MessageDigest, byte[]> one : strong.entrySet()) {
                if (!Arrays.equals(one.getKey().digest(), one.getValue())) {
                    return false;
                }
            }
            return true;
        }
    }

    private void requireSigned(JarFile jar, List<JarEntry> entries, Map<String, Attributes> sections)
            throws IOException, IntakeRefusedException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (JarEntry entry : entries) {
            Digests digests = Digests.of(sections.get(entry.getName()), "-DIGEST");
            boolean empty = true;
            try (InputStream in = jar.getInputStream(entry)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    left -= n;
                    if (left < 0) {
                        throw new IOException("what is in it is out of proportion to its size");
                    }
                    digests.update(buffer, n);
                    empty &= n == 0;
                }
            }
            if (!isOfSignature(entry.getName()) && !(entry.isDirectory() && empty)) {
                requireSigned(entry, digests);
            }
        }
    }

    /** The manifest, which is signed as a whole, and pairs of a signature block and what it signs. */
    private boolean isOfSignature(String entry) {
        String upper = upper(entry);
        if (upper.equals(JarFile.MANIFEST_NAME)) {
            return true;
        }
        if (!upper.startsWith(META_INF) || upper.indexOf('/', META_INF.length()) >= 0) {
            return false;
        }
        if (suffix(upper).equals(SIGNED)) {
            return BLOCKS.stream().anyMatch(block -> inMetaInf.containsKey(base(upper) + block));
        }
        return BLOCKS.contains(suffix(upper)) && inMetaInf.containsKey(base(upper) + SIGNED);
    }

    private void requireSigned(JarEntry entry, Digests digests) throws IntakeRefusedException {
        String shown = "[" + Printable.of(entry.getName()) + "]";
        if (digests.strong.isEmpty() && !digests.weak.isEmpty()) {
            throw refused(
                    Reason.WEAK_EVIDENCE,
                    "has an entry " + shown + " whose digest does not count (" + String.join(", ", digests.weak) + ")",
                    null);
        }
        if (digests.strong.isEmpty()) {
            throw unsigned("has an entry " + shown + " that is not signed");
        }
        if (!digests.areRight()) {
            throw refused(Reason.INVALID_EVIDENCE, "has an entry " + shown + " that is not what was signed", null);
        }
        CodeSigner[] by = entry.getCodeSigners();
        if (by != null) {
            for (CodeSigner one : by) {
                List<? extends Certificate> path = one.getSignerCertPath().getCertificates();
                if (!path.isEmpty() && signers.contains((X509Certificate) path.get(0))) {
                    return;
                }
            }
        }
        throw unsigned("has an entry " + shown + " that is not signed under [" + named.name() + "]"
                + (by == null ? ", or by an algorithm that this JVM has disabled" : ""));
    }

    /** What was signed and taken out is missed by the code that was signed with it. */
    private void requireAllThere(List<JarEntry> entries, Map<String, Attributes> sections)
            throws IntakeRefusedException {
        Set<String> names = new HashSet<>();
        entries.forEach(entry -> names.add(entry.getName()));
        for (Map.Entry<String, Attributes> section : sections.entrySet()) {
            Digests digests = Digests.of(section.getValue(), "-DIGEST");
            if (!names.contains(section.getKey()) && !(digests.strong.isEmpty() && digests.weak.isEmpty())) {
                throw unsigned("lacks an entry [" + Printable.of(section.getKey()) + "] that was signed");
            }
        }
    }
}
