// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.cli.Shell.Done;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.trust.TrustStore;
import io.cloacina.guard.internal.verify.PackageVerifier;
import io.cloacina.guard.verify.SignaturePolicy;
import io.cloacina.guard.verify.SignatureSource;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code signature import}: what others have signed gets into the store. */
class SignatureImportTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private Path vendor;
    private Path vendorPublic;
    private Path jar;

    @BeforeEach
    void signAsVendor() throws Exception {
        vendor = privateKey("vendor.pem");
        vendorPublic = shell.home.resolve("vendor.pem.pub");
        jar = shell.file("plugins/a.jar", "jar");
        shell.run("store", "init").with(0);
        shell.run("sign", jar, "--private-key", vendor).with(0);
    }

    private Path privateKey(String name) throws Exception {
        try (Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom())) {
            shell.file(name + ".pub", Pem.write(key.publicKey()));
            return Files.write(shell.home.resolve(name), Pem.exposePrivateKey(key));
        }
    }

    private void trustVendor() {
        shell.run("trust", "add", vendorPublic, "--name", "vendor").with(0);
    }

    private long rows(String table) {
        return (long) shell.run("store", "status", "--json").with(0).json().get(table);
    }

    private Object[] statement(Path file, Path key, Object... more) {
        Object[] words = {
            "sign",
            file,
            "--private-key",
            key,
            "--format",
            "2",
            "--package-name",
            "a",
            "--package-version",
            "1",
            "--force"
        };
        Object[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return all;
    }

    @Test
    void import_ofATrustedKeysSignature_storesAndRecordsIt_once() throws Exception {
        trustVendor();

        Map<String, Object> taken =
                shell.run("signature", "import", jar, "--json").with(0).json();

        assertEquals(
                List.of("package_path", "package_hash", "key_fingerprint", "signature_file", "stored", "changed"),
                List.copyOf(taken.keySet()));
        assertEquals(jar.toString(), taken.get("package_path"));
        assertEquals(jar + ".sig", taken.get("signature_file"));
        assertEquals(true, taken.get("changed"));
        Map<String, Object> event = shell.lastEvent();
        assertEquals("package.signature.imported", event.get("event_type"));
        assertEquals(jar.toString(), event.get("package_path"));
        assertEquals(taken.get("key_fingerprint"), event.get("key_fingerprint"));
        shell.run("verify", jar, "--source", "database").with(0);
        int events = shell.events().size();

        Map<String, Object> again =
                shell.run("signature", "import", jar + ".sig", "--json").with(0).json();

        assertEquals(false, again.get("changed"));
        assertEquals(true, again.get("stored"));
        assertEquals(events, shell.events().size());
        assertEquals(1L, rows("package_signatures"));
    }

    @Test
    void import_ofAKeyThatIsNotTrusted_needsThePublicKey() throws Exception {
        Done refused = shell.run("signature", "import", jar, "--json").with(1);
        assertEquals("untrusted_signer", refused.json().get("error"));
        assertEquals("verification.failure", shell.lastEvent().get("event_type"));
        assertEquals(0L, rows("package_signatures"));

        shell.run("signature", "import", jar, "--public-key", vendorPublic).with(0);

        assertEquals(1L, rows("package_signatures"));
        shell.run("verify", jar, "--source", "database").with(1);
        trustVendor();
        shell.run("verify", jar, "--source", "database").with(0);
    }

    @Test
    void import_ofWhatDoesNotVerify_isRefusedWithTheReason() throws Exception {
        trustVendor();
        Path other = shell.file("other/b.jar", "b");
        assertRefused("signature_not_found", 1, other);
        shell.file("other/b.jar.sig", "{");
        assertRefused("malformed_signature", 1, other);
        Files.copy(Path.of(jar + ".sig"), shell.home.resolve("a.sig"));
        assertRefused("tampered_package", 1, other, "--signature", shell.home.resolve("a.sig"));
        assertRefused("unreadable_package", 3, shell.home.resolve("absent.jar"));
        assertRefused("nothing_to_import", 1, Files.createDirectory(shell.home.resolve("empty")));
        String damaged = Files.readString(Path.of(jar + ".sig"))
                .replaceFirst("(\"signature\":\")(.)", "$1" + "A")
                .replaceFirst("(\"signature\":\"A)(.)", "$1" + "B");
        Files.writeString(Path.of(jar + ".sig"), damaged);
        assertRefused("invalid_signature", 1, jar);
        privateKey("stranger.pem");
        assertRefused("untrusted_signer", 1, jar, "--public-key", shell.home.resolve("stranger.pem.pub"));
        shell.run("trust", "revoke", "vendor").with(0);
        assertRefused("untrusted_signer", 1, jar);
        assertEquals(0L, rows("package_signatures"));
    }

    /** Who may write beside a package, but is not trusted, changes the file while it is taken in. */
    @Test
    void import_ofASignatureThatIsChangedMeanwhile_storesWhatWasVerified() throws Exception {
        trustVendor();
        Path sig = Path.of(jar + ".sig");
        PrintStream none = new PrintStream(OutputStream.nullOutputStream());
        for (int version = 1; version <= 2; version++) {
            if (version == 2) {
                shell.run(statement(jar, vendor)).with(0);
            }
            String other = Files.readString(sig).replaceFirst("(\"sig(?:nature)?\":\")(.{8})", "$1AAAABBBB");
            Cli cli = new Cli(shell.environment(none, none), new RootCommand());
            try (AuditLog audit = cli.audit();
                    JdbiStore store = cli.store()) {
                TrustStore changing = question -> {
                    try {
                        Files.writeString(sig, other);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return store.ask(question);
                };
                PackageVerifier verifier = new PackageVerifier(
                        changing,
                        Shell.ORG,
                        SignaturePolicy.anyFrom(SignatureSource.DETACHED),
                        cli.environment().clock());
                Changes changes = cli.changes(audit, store).ofImports();

                assertEquals(
                        0,
                        new ImportRun(cli, verifier, store, Shell.ORG, audit, changes, null)
                                .run(List.of(new SignTarget(jar, false, null))));
            }
            shell.run("verify", jar, "--source", "detached").with(1);
            shell.run("verify", jar, "--source", "database").with(0);
        }
        assertEquals(1L, rows("guard_statements"));
    }

    private void assertRefused(String reason, int status, Object... arguments) {
        Object[] words = new Object[arguments.length + 3];
        words[0] = "signature";
        words[1] = "import";
        words[2] = "--json";
        System.arraycopy(arguments, 0, words, 3, arguments.length);
        Done done = shell.run(words).with(status);
        assertEquals(reason, done.json().get("error"), done.out());
    }

    @Test
    void import_ofADirectory_takesWhatHasASignature() throws Exception {
        trustVendor();
        Path war = shell.file("plugins/deep/shop.war", "war");
        shell.run("sign", war, "--private-key", vendor).with(0);
        shell.file("plugins/unsigned.jar", "x");
        Path tree = Files.createDirectory(shell.home.resolve("classes"));
        Files.writeString(tree.resolve("A.class"), "a");
        shell.run("sign", "--tree", tree, "--private-key", vendor).with(0);

        Done done = shell.run("signature", "import", jar.getParent(), "--tree", tree, "--json")
                .with(0);

        assertEquals(3, done.jsons().size());
        assertTrue(done.err().contains("3 packages: 3 taken in, 0 stored already, 0 not taken in"), done.err());
        assertEquals(3L, rows("package_signatures"));
        shell.run("verify", "--tree", tree, "--source", "database").with(0);
        assertTrue(shell.run("signature", "import", jar.getParent(), "--exclude", "*.war")
                .with(0)
                .out()
                .contains("a.jar: unchanged"));
    }

    @Test
    void import_oneOfSeveralRefused_doesTheOthers() throws Exception {
        trustVendor();
        Path bad = shell.file("plugins/b.jar", "b");
        shell.file("plugins/b.jar.sig", "{}");

        Done done = shell.run("signature", "import", bad, jar).with(1);

        assertEquals(1L, rows("package_signatures"));
        assertTrue(done.out().contains("b.jar: NOT TAKEN IN"), done.out());
    }

    @Test
    void import_ofVersion2_takesTheSignaturesOfTrustedKeys() throws Exception {
        trustVendor();
        Path second = privateKey("second.pem");
        Path stranger = privateKey("stranger.pem");
        shell.run(statement(jar, vendor)).with(0);
        shell.run("sign", jar, "--private-key", second, "--add").with(0);
        shell.run("sign", jar, "--private-key", stranger, "--add").with(0);

        assertEquals(
                2L,
                shell.run("signature", "import", jar, "--json").with(0).json().get("format"));
        assertEquals(1L, rows("guard_statements"));
        shell.run("trust", "add", shell.home.resolve("second.pem.pub")).with(0);
        Map<String, Object> more = Shell.json(
                shell.run("signature", "import", jar, "--json").with(0).lines().get(0));
        assertEquals(true, more.get("changed"));
        assertEquals(2, ((List<?>) more.get("signers")).size());
        assertEquals(2L, rows("guard_statements"));
        Files.delete(Path.of(jar + ".sig"));
        shell.run("verify", jar, "--required-signers", "2").with(0);
        shell.run("verify", jar, "--required-signers", "3").with(1);
    }

    @Test
    void import_ofAStatementAboutSeveral_isOfOnePackageEach() throws Exception {
        trustVendor();
        Path other = shell.file("plugins/b.jar", "b");
        Path out = shell.home.resolve("all.sig");
        shell.run(statement(jar, vendor, other, "--together", "--out", out)).with(0);

        shell.run("signature", "import", other, "--signature", out).with(0);

        shell.run("verify", other, "--source", "database").with(0);
        shell.run("signature", "import", other, jar, "--signature", out).with(2);
    }

    @Test
    void import_ofAnEarlierStatement_leavesTheLaterOne() throws Exception {
        trustVendor();
        shell.run(statement(jar, vendor)).with(0);
        Path early = Files.copy(Path.of(jar + ".sig"), shell.home.resolve("early.sig"));
        Files.delete(Path.of(jar + ".sig"));
        shell.now = shell.now.plusSeconds(60);
        shell.run(
                        "sign",
                        jar,
                        "--private-key",
                        vendor,
                        "--format",
                        "2",
                        "--package-name",
                        "a",
                        "--package-version",
                        "2")
                .with(0);
        shell.run("signature", "import", jar).with(0);

        Done done = shell.run("signature", "import", jar, "--signature", early, "--json")
                .with(0);

        assertEquals(false, done.json().get("changed"));
        assertTrue(done.err().contains("the store has a later statement by key"), done.err());
        assertEquals(
                "2",
                shell.run("verify", jar, "--source", "database", "--json")
                        .json()
                        .get("package_version"));
    }

    @Test
    void import_ofAWithdrawnPackage_isRefused() throws Exception {
        trustVendor();
        shell.run("package", "withdraw", jar).with(0);

        assertRefused("withdrawn_package", 1, jar);
    }

    @Test
    void import_withoutAStore_makesNone() throws Exception {
        shell.variables.put("CLOACINA_DATABASE_URL", "sqlite://" + shell.home.resolve("none.db"));

        assertRefused("store_unavailable", 3, jar);

        assertFalse(Files.exists(shell.home.resolve("none.db")));
    }

    @Test
    void options_thatDoNotFit_areUsageErrors() {
        shell.run("signature").with(2);
        shell.run("signature", "import").with(2);
        shell.run("signature", "import", jar, jar, "--signature", jar + ".sig").with(2);
        shell.run("signature", "import", jar, "--include", "*.jar").with(2);
        shell.run("signature", "import", jar.getParent(), "--exclude", "[").with(2);
        shell.variables.remove("CLOACINA_ORG_ID");
        shell.run("signature", "import", jar).with(2);
    }
}
