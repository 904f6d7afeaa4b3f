// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.PackageSecurity;
import io.cloacina.guard.SecurityConfig;
import io.cloacina.guard.Verification;
import io.cloacina.guard.verify.SignatureSource;
import io.cloacina.guard.verify.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The goals in builds of Maven 3 and 4: one reactor each of what is signed, what cannot be, and what depends on it. */
class SignIT {

    private static final UUID ORG = UUID.fromString("6f1c1c5e-0b53-4f6e-9d36-0a4ea7a5f3c1");

    /** What is a key wherever it stands, and must not be repeated. */
    private static final String SECRET = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";

    private static final String BY_FILE = "<privateKeyFile>../../release.pem</privateKeyFile>";

    @TempDir
    private static Path directory;

    private static MavenBuild maven;
    private static Path store;
    private static Path signing;
    private static MavenBuild.Result signed;

    @BeforeAll
    static void signAndInstall() throws Exception {
        MavenBuild.clear("sample");
        maven = new MavenBuild(directory);
        MavenBuild.makeKey(directory, "release");
        MavenBuild.makeKey(directory, "stranger");
        byte[] kek = new byte[32];
        new SecureRandom().nextBytes(kek);
        Files.writeString(directory.resolve("kek"), Base64.getEncoder().encodeToString(kek));
        store = directory.resolve("trust.db");
        try (PackageSecurity security = SecurityConfig.builder()
                .store(store)
                .organisation(ORG)
                .keyEncryptionKeyFile(directory.resolve("kek"))
                .create()) {
            security.keys().create("nightly");
            security.trust().addOwn("nightly");
        }
        signing = signing().write();
        signed = maven.run(signing, "-T2", "install").succeeded();
    }

    /** A program with the key {@code release}: the lines of the protocol, and OpenSSL's signature. */
    private static void writeSigner() throws IOException {
        Path signer = Files.writeString(directory.resolve("signer"), """
            #!/bin/bash
            while read -r line; do
                message=${line##*\\"message\\":\\"}
                base64 -d <<< "${message%%\\"*}" > "$1/message"
                signature=$(openssl pkeyutl -sign -rawin -inkey "$1/release.pem" -in "$1/message" | base64 -w 0)
                echo "{\\"signature\\":\\"$signature\\"}"
            done
            """);
        Files.setPosixFilePermissions(signer, PosixFilePermissions.fromString("rwx------"));
    }

    private static String byStore() {
        return "<key>nightly</key><kekFile>../../kek</kekFile><store>sqlite://" + store + "</store><organisation>" + ORG
                + "</organisation>";
    }

    private static String build(String plugins) {
        return "<build><plugins>" + plugins + "</plugins></build>";
    }

    /** What is installed under this name is signed, in its repository and by the public key. */
    private static void assertInstalledSigned(String artifact, String extension, String key) throws Exception {
        Path installed = MavenBuild.installed(artifact, extension);
        Verdict verdict = Verification.offline(directory.resolve(key + ".pub.pem"))
                .verify(installed, MavenBuild.installed(artifact, extension + ".sig"));
        assertInstanceOf(Verdict.Verified.class, verdict, artifact + extension);
    }

    private static Reactor signing() throws IOException {
        writeSigner();
        String verifying = Reactor.goal("verify", "<publicKeys>../../release.pub.pem</publicKeys>");
        String command = "<signerCommand>../../signer</signerCommand><signerArguments><a>" + directory
                + "</a></signerArguments><publicKeyFile>../../release.pub.pem</publicKeyFile><format>2</format>";
        String sources = """
            <plugin>
              <artifactId>maven-source-plugin</artifactId>
              <executions><execution><goals><goal>jar-no-fork</goal></goals></execution></executions>
            </plugin>
            """;
        String classes = """
            <plugin>
              <artifactId>maven-war-plugin</artifactId>
              <configuration>
                <attachClasses>true</attachClasses>
                <failOnMissingWebXml>false</failOnMissingWebXml>
              </configuration>
            </plugin>
            """;
        String war = BY_FILE + "<includes>war,jar:classes</includes>";
        return new Reactor(
                        directory.resolve("signing"),
                        Reactor.guard(Reactor.goal("sign", "<audit>file:../../audit.jsonl</audit>")))
                .module("pem", guarded(Reactor.goal("sign", BY_FILE), verifying, sources))
                .module("stored", guarded(Reactor.goal("sign", byStore()), Reactor.goal("verify", inStore()), ""))
                .module("command", guarded(Reactor.goal("sign", command), verifying, ""))
                .module("web", "war", guarded(Reactor.goal("sign", war), verifying, classes))
                .module("unsigned", guarded(Reactor.goal("sign", "<skip>true</skip>"), "", ""))
                .module(
                        "strange",
                        guarded(Reactor.goal("sign", "<privateKeyFile>../../stranger.pem</privateKeyFile>"), "", ""));
    }

    private static String guarded(String sign, String verify, String others) {
        return build(Reactor.guard(sign, verify) + others);
    }

    private static String inStore() {
        return "<store>sqlite://" + store + "</store><organisation>" + ORG + "</organisation>";
    }

    @Test
    void packages_areSignedByEachKindOfKey_installed_andVerifiedByWhatDependsOnThem() throws Exception {
        signed.says("nothing to sign: packaging is [pom]").says("[1] packages are signed by trusted keys");
        assertInstalledSigned("pem", ".jar", "release");
        assertInstalledSigned("command", ".jar", "release");
        assertInstalledSigned("web", ".war", "release");
        assertInstalledSigned("web", "-classes.jar", "release");
        assertInstalledSigned("strange", ".jar", "stranger");
        assertTrue(Files.exists(MavenBuild.installed("pem", "-sources.jar")));
        assertFalse(Files.exists(MavenBuild.installed("pem", "-sources.jar.sig")));
        assertTrue(Files.exists(MavenBuild.installed("unsigned", ".jar")));
        assertFalse(Files.exists(MavenBuild.installed("unsigned", ".jar.sig")));
        assertTrue(Files.readString(MavenBuild.installed("command", ".jar.sig")).contains("payloadType"));
        assertTrue(Files.exists(MavenBuild.installed("stored", ".jar.sig")));
        try (PackageSecurity security =
                SecurityConfig.builder().store(store).organisation(ORG).open()) {
            assertInstanceOf(
                    Verdict.Verified.class,
                    security.verification()
                            .from(SignatureSource.DATABASE)
                            .verify(MavenBuild.installed("stored", ".jar")));
        }
        assertEquals(
                6,
                Files.readAllLines(directory.resolve("audit.jsonl")).stream()
                        .filter(line -> line.contains("\"package.signed\""))
                        .count());
    }

    @Test
    void packages_thatAreSigned_stayAsTheyAre_withMaven4() throws Exception {
        byte[] before = Files.readAllBytes(MavenBuild.installed("pem", ".jar.sig"));

        new MavenBuild(directory)
                .maven4()
                .run(signing, "-pl", "pem,stored,command", "install")
                .succeeded()
                .says("sample:pem:jar:1: signed already by key")
                .says("sample:stored:jar:1: signed already by key")
                .says("sample:command:jar:1: signed already by key");

        assertArrayEquals(before, Files.readAllBytes(MavenBuild.installed("pem", ".jar.sig")));
    }

    @Test
    void dependencies_thatAreNotSignedAsTheyMustBe_failTheBuild_eachWithReasonAndRemedy() throws Exception {
        String keys = "<publicKeys>../../release.pub.pem</publicKeys><artifacts>false</artifacts>";
        String runtime = keys + "<scope>runtime</scope>";
        Reactor hosts = new Reactor(directory.resolve("hosts"), "")
                .module("trusted", host(runtime, "pem", "command"))
                .module("missing", host(runtime, "pem", "unsigned"))
                .module("excluded", host(runtime + "<excludes>sample:unsigned</excludes>", "pem", "unsigned"))
                .module("included", host(runtime + "<includes>sample:p*</includes>", "pem", "unsigned"))
                .module("untested", host(runtime, "pem", "unsigned:test"))
                .module("tested", host(keys + "<scope>test</scope>", "unsigned:test"))
                .module("foreign", host(runtime, "strange"))
                .module("stranger", host(runtime.replace("release", "stranger"), "strange"))
                .module("both", host(runtime + inStore(), "pem"))
                .module("nothing", host(keys, "pem"))
                .module("scoped", host(keys + "<scope>runtme</scope>", "pem"))
                .module("two", host(runtime + "<requiredSigners>2</requiredSigners>", "pem"))
                .module(
                        "bystore",
                        host(inStore() + "<artifacts>false</artifacts><scope>runtime</scope>", "stored", "pem"))
                .module(
                        "changed",
                        guarded(Reactor.goal("sign", BY_FILE), Reactor.goal("verify", keysOnly()), change()));
        Files.writeString(
                Files.createDirectories(hosts.directory().resolve("changed/other"))
                        .resolve("changed-1.jar"),
                "other");

        MavenBuild.Result result = maven.run(hosts.write(), "-fae", "verify").failed();

        for (String good : new String[] {"trusted", "excluded", "included", "untested", "stranger"}) {
            assertTrue(result.output().matches("(?s).*\\[INFO\\] " + good + " \\.+ SUCCESS.*"), result.output());
        }
        for (String bad :
                new String[] {"missing", "tested", "foreign", "both", "nothing", "scoped", "two", "bystore", "changed"
                }) {
            assertTrue(result.output().matches("(?s).*\\[INFO\\] " + bad + " \\.+ FAILURE.*"), result.output());
        }
        result.says("sample:unsigned:jar:1 in [" + MavenBuild.installed("unsigned", ".jar")
                        + "]: REFUSED, signature_not_found: ")
                .says("have its publisher deploy sample:unsigned:jar.sig:1")
                .says("[1] of [2] packages are not signed as they must be: sample:unsigned:jar:1 (signature_not_found)")
                .says("[1] of [1] packages are not signed as they must be: sample:strange:jar:1 (untrusted_signer)")
                .says("add the public key to <publicKeys>")
                .says("<publicKeys> and a <store> are given")
                .says("no <scope> nothing is verified")
                .says("<scope> is [runtme], which is not compile, runtime, test, provided or system")
                .says("[2] signers are required, but only [1] keys are given")
                .says("[1] of [2] packages are not signed as they must be: sample:pem:jar:1 (untrusted_signer)")
                .says("sample:changed:jar:1 (tampered_package)")
                .says("something has changed it after it was signed");
    }

    private static String keysOnly() {
        return "<publicKeys>../../release.pub.pem</publicKeys>";
    }

    /** Another file takes the place of the package, after it was signed. */
    private static String change() {
        return """
            <plugin>
              <artifactId>maven-resources-plugin</artifactId>
              <executions>
                <execution>
                  <phase>package</phase>
                  <goals><goal>copy-resources</goal></goals>
                  <configuration>
                    <overwrite>true</overwrite>
                    <outputDirectory>${project.build.directory}</outputDirectory>
                    <resources><resource><directory>other</directory></resource></resources>
                  </configuration>
                </execution>
              </executions>
            </plugin>
            """;
    }

    /** @param artifacts that it depends on, with their scope behind a colon */
    private static String host(String configuration, String... artifacts) {
        String dependencies = "";
        for (String artifact : artifacts) {
            String[] words = artifact.split(":");
            dependencies += "<dependency><groupId>sample</groupId><artifactId>" + words[0]
                    + "</artifactId><version>1</version>"
                    + (words.length == 2 ? "<scope>" + words[1] + "</scope>" : "")
                    + "</dependency>";
        }
        return "<dependencies>" + dependencies + "</dependencies>"
                + build(Reactor.guard(Reactor.goal("verify", configuration)));
    }

    @Test
    void badInput_failsTheBuild_withWhatWouldBeRight_andRepeatsNoSecret() throws Exception {
        Files.writeString(directory.resolve("garbage"), "no key");
        assertTrue(new ProcessBuilder("mkfifo", directory.resolve("pipe").toString())
                .start()
                .waitFor(1, TimeUnit.MINUTES));
        Reactor errors = new Reactor(directory.resolve("errors"), "")
                .module(
                        "early",
                        build(Reactor.guard(
                                Reactor.goal("sign", BY_FILE).replace("<goals>", "<phase>compile</phase><goals>"))))
                .module("none", signed(""))
                .module("two", signed(BY_FILE + "<key>nightly</key>"))
                .module("half", signed("<signerCommand>../../signer</signerCommand>"))
                .module("absent", signed("<privateKeyFile>absent.pem</privateKeyFile>"))
                .module("pipe", signed("<privateKeyFile>../../pipe</privateKeyFile>"))
                .module("garbage", signed("<privateKeyFile>../../garbage</privateKeyFile>"))
                .module("pasted", signed("<privateKeyFile>" + SECRET + "</privateKeyFile>"))
                .module("unknown", signed(byStore().replace("nightly", "nigthly")))
                .module("nokek", signed(byStore().replaceAll("<kekFile>.*</kekFile>", "")))
                .module("noorg", signed(byStore().replaceAll("<organisation>.*</organisation>", "")))
                .module(
                        "password",
                        signed(byStore().replaceAll("sqlite:[^<]*", "postgres://signer:tr0mbone@db.example.org/trust")))
                .module("server", signed(byStore() + "<storeServer>trust</storeServer>"))
                .module("pattern", signed(BY_FILE + "<includes>a:b:c</includes>"))
                .module("version", signed(BY_FILE + "<format>2</format><packageVersion>one</packageVersion>"))
                .module("expired", signed(BY_FILE + "<format>2</format><expires>2020-01-01T00:00:00Z</expires>"))
                .module("storing", signed(BY_FILE + "<storeSignatures>true</storeSignatures>"))
                .module(
                        "mistyped",
                        "<properties><cloacina-guard.sign.skpi>true</cloacina-guard.sign.skpi></properties>"
                                + signed(BY_FILE))
                .module("audit", signed(BY_FILE + "<audit>file:../../absent/audit.jsonl</audit>"));

        MavenBuild.Result result = maven.run(errors.write(), "-fae", "package").failed();

        result.says("[sample:early:jar:1] is not packaged yet: the goals of cloacina-guard run in the phase package")
                .says("no key to sign with is given: name one with <key>")
                .says("several keys to sign with are given, by <key> and <privateKeyFile>: name one")
                .says("<signerCommand> and <publicKeyFile> go together")
                .says("absent.pem] cannot be read: there is no such file")
                .says("pipe] cannot be read: it is a pipe, a device or a socket; a regular file is wanted")
                .says("garbage]: ")
                .says("<privateKeyFile>: the text of a key stands where the name of a file is wanted")
                .says("name [nigthly], or begins so (six characters or more); did you mean [nightly]?")
                .says("no key encryption key is given: name a file with <kekFile>")
                .says("no organisation is given: name it with <organisation>")
                .says("<store> holds a password, which must be considered exposed")
                .says("settings.xml has no <server> with the <id> [trust]")
                .says("<includes> has [a:b:c], which is not EXTENSION or EXTENSION:CLASSIFIER")
                .says("<packageVersion> is [one], of which one is no version; one that begins with a digit")
                .says("<expires> is [2020-01-01T00:00:00Z], which is past")
                .says("<storeSignatures> needs a key of the store")
                .says("unknown property [cloacina-guard.sign.skpi]; did you mean [cloacina-guard.sign.skip]?")
                .says("events cannot be written to [file:" + directory.resolve("absent/audit.jsonl") + "]: ");
        assertFalse(result.output().contains(SECRET), result.output());
        assertFalse(result.output().contains("tr0mbone"), result.output());
        assertEquals(19, result.output().split(" FAILURE \\[", -1).length - 1, result.output());
    }

    private static String signed(String configuration) {
        return build(Reactor.guard(Reactor.goal("sign", configuration)));
    }
}
