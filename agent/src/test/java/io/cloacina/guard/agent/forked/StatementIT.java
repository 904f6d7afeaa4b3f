// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.GuardedJvm.Running;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ContainedHost;
import io.cloacina.guard.agent.hosts.DirectoryHost;
import io.cloacina.guard.agent.hosts.RetryHost;
import io.cloacina.guard.agent.hosts.UrlHost;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.internal.sign.NestedPackage;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.sign.SignedPackage;
import io.cloacina.guard.sign.StatementRequest;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.trust.LimitedKey;
import io.cloacina.guard.trust.VersionFloor;
import io.cloacina.guard.verify.DetachedSignature;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Signatures of version 2, limits of keys, several signers and floors, in a running JVM. */
class StatementIT {

    private static final UUID ORG = TestStore.ORG;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Clock CLOCK = Clock.systemUTC();
    private static final String NAME = "org.example:shop";
    private static final String CLASSES = "WEB-INF/classes/";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("marker");
    private final Path database = fixture.file("trust.db");
    private final Ed25519PrivateKey second = Ed25519PrivateKey.generate(new SecureRandom());

    private GuardedJvm enforcing(Jdk jdk) {
        return fixture.enforcing(jdk, "sqlite://" + database);
    }

    private JdbiStore store() throws Exception {
        JdbiStore store = JdbiStore.create(StoreUrl.ofFile(database), TIMEOUT, CLOCK);
        TrustManager trust = new TrustManager(store, CLOCK, new SecureRandom());
        trust.trustPublicKey(ORG, packages.key().publicKey(), "release", false);
        trust.trustPublicKey(ORG, second.publicKey(), "security", false);
        return store;
    }

    private static StatementRequest version(String version) {
        return StatementRequest.of(NAME, version, null);
    }

    /** Leaves the signature beside the package. */
    private Path sign(Path jar, StatementRequest request, Ed25519PrivateKey key) throws Exception {
        PackageSigner signer = PackageSigner.writingFiles(key, CLOCK);
        signer.prepareStatement(jar, signer.hash(jar, false), false, request).commit();
        return jar;
    }

    private Path signed(String name, String version) throws Exception {
        return sign(packages.jar(name, marker, name), version(version), packages.key());
    }

    private static void assertLoaded(Running host, Path jar) throws Exception {
        host.send(jar.toString());
        host.expect("LOADED");
    }

    private static void assertRefused(Running host, Path jar, String reason) throws Exception {
        host.send(jar.toString());
        String line = host.next();
        assertTrue(line.startsWith("REFUSED ") && line.contains("(" + reason + ")"), line);
    }

    @EachJdk
    void statements_limitsAndFloors_countForTheNextLoad(Jdk jdk) throws Exception {
        Path good = signed("good.jar", "1.2");
        Path other = signed("other.jar", "1.2");
        Files.copy(
                DetachedSignature.pathFor(good), DetachedSignature.pathFor(other), StandardCopyOption.REPLACE_EXISTING);
        Path expired = sign(
                packages.jar("expired.jar", marker, "x"),
                StatementRequest.of(NAME, "1.2", Instant.now().minus(1, ChronoUnit.HOURS)),
                packages.key());
        Path version1 = packages.sign(packages.jar("version1.jar", marker, "y"));
        try (JdbiStore store = store();
                Running host = enforcing(jdk).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            assertLoaded(host, good);
            assertLoaded(host, version1);
            assertRefused(host, other, "tampered_package");
            assertRefused(host, expired, "expired_signature");

            store.versionFloors().set(new VersionFloor(UUID.randomUUID(), ORG, NAME, "1.10", CLOCK.instant()));
            assertRefused(host, good, "outdated_package");
            assertLoaded(host, signed("newer.jar", "1.10"));

            limit(store, new KeyLimit(List.of("org.example:bank"), null));
            assertRefused(host, fixture.file("newer.jar"), "untrusted_signer");
            assertRefused(host, version1, "untrusted_signer");
            limit(store, new KeyLimit(List.of("org.example:*"), null));
            assertLoaded(host, fixture.file("newer.jar"));
            assertRefused(host, version1, "untrusted_signer");
            limit(store, new KeyLimit(List.of(), CLOCK.instant().minusSeconds(1)));
            assertRefused(host, fixture.file("newer.jar"), "untrusted_signer");
        }
    }

    private void limit(JdbiStore store, KeyLimit limit) throws Exception {
        store.keyLimits()
                .set(new LimitedKey(
                        UUID.randomUUID(),
                        ORG,
                        packages.key().publicKey().fingerprint(),
                        limit,
                        CLOCK.instant().truncatedTo(ChronoUnit.MICROS)));
    }

    @EachJdk
    void requiredSigners_inWhateverFormsAndPlaces(Jdk jdk) throws Exception {
        Path jar = signed("plugin.jar", "1.2");
        Path mixed = packages.sign(packages.jar("mixed.jar", marker, "mixed"));
        try (JdbiStore store = store();
                Running host =
                        enforcing(jdk).set("cloacina.required_signers", 2).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            assertRefused(host, jar, "too_few_signers");
            sign(jar, StatementRequest.ADD, second);
            assertLoaded(host, jar);

            assertRefused(host, mixed, "too_few_signers");
            PackageSigner signer = PackageSigner.storing(second, store, ORG, CLOCK);
            signer.store(List.of(signer.prepareStatement(mixed, signer.hash(mixed, false), false, version("1"))
                    .commit()));
            assertLoaded(host, mixed);
        }
    }

    @EachJdk
    void signatureFormat2_version1DoesNotCount(Jdk jdk) throws Exception {
        Path version1 = packages.sign(packages.jar("version1.jar", marker, "y"));
        Path version2 = signed("version2.jar", "1.2");
        Result result = fixture.enforcing(jdk)
                .set("cloacina.signature_format", "2")
                .run(UrlHost.class, Packages.PLUGIN, version1);
        result.events("package.load.failure").get(0).assertHas("failure_reason", "signature_not_found");
        assertFalse(Files.exists(marker), result::toString);

        Result good = fixture.enforcing(jdk)
                .set("cloacina.signature_format", "2")
                .run(UrlHost.class, Packages.PLUGIN, version2);
        good.events("package.load.success").get(0).assertHas("package_name", NAME, "package_version", "1.2");
    }

    @EachJdk
    void nested_storedStatements_loadWhatAnotherProcessUnpacked(Jdk jdk) throws Exception {
        Path classes = packages.classes("unpacked", marker, "good");
        Path war = fixture.file("shop.war");
        try (OutputStream out = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            try (var files = Files.walk(classes)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    zip.putNextEntry(new ZipEntry(CLASSES + classes.relativize(file)));
                    zip.write(Files.readAllBytes(file));
                }
            }
        }
        try (JdbiStore store = store()) {
            PackageSigner signer = PackageSigner.storing(packages.key(), store, ORG, CLOCK);
            List<SignedPackage> inside = new ArrayList<>();
            for (NestedPackage nested : PackageSigner.nestedIn(war)) {
                inside.add(signer.prepareStatement(nested.path(), nested.hash(), true, version("1"))
                        .commit());
            }
            assertEquals(1, signer.store(inside).size());
        }

        Result own = enforcing(jdk).run(DirectoryHost.class, fixture.file("events.jsonl"), "own=" + classes);

        assertTrue(own.out().contains("own class LOADED"), own::toString);
    }

    @EachJdk
    void archive_signedByVersion2_coversWhatIsInIt(Jdk jdk) throws Exception {
        Path classes = fixture.newDirectory("web-classes");
        Packages.compile(classes, "web.Page", "package web; public class Page {}");
        Path war = fixture.file("hello.war");
        try (OutputStream out = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(CLASSES + "web/Page.class"));
            zip.write(Files.readAllBytes(classes.resolve("web/Page.class")));
        }
        sign(war, version("1"), packages.key());

        Result result = fixture.enforcing(jdk)
                .run(
                        ContainedHost.class,
                        "open " + war,
                        "define one vfs:/content/hello.war/" + CLASSES + " web.Page " + war + " " + CLASSES
                                + "web/Page.class");

        assertTrue(result.out().contains("LOADED"), result::toString);
        LoggedEvent event = result.events("package.load.success").get(0);
        event.assertHas("covered_by", war, "package_name", NAME);
    }

    /** What reads version 2 costs the first load of a JVM that meets none nothing. */
    @EachJdk
    void firstLoad_ofVersion1_loadsNoClassOfVersion2(Jdk jdk) throws Exception {
        Path classes = fixture.file("classes.txt");
        Path version1 = packages.sign(packages.jar("version1.jar", marker, "y"));
        store().close();
        try (Running host =
                enforcing(jdk).option("-Xlog:class+load:file=" + classes).start(RetryHost.class, Packages.PLUGIN)) {
            host.expect("READY");
            assertLoaded(host, version1);
        }
        List<String> loaded = Files.readAllLines(classes);
        assertTrue(
                loaded.stream().anyMatch(line -> line.contains("io.cloacina.guard.internal.verify.PackageVerifier ")),
                "the log was read");
        assertEquals(
                List.of(),
                loaded.stream()
                        .filter(line -> line.contains("guard.verify.DsseEnvelope")
                                || line.contains("guard.verify.PackageStatement")
                                || line.contains("guard.verify.SignedStatement")
                                || line.contains("guard.verify.StatementJudge")
                                || line.contains("guard.verify.PackageVersion")
                                || line.contains("guard.verify.JsonTree")
                                || line.contains("guard.verify.SignatureJson")
                                || line.contains("guard.trust.NameGlob")
                                || line.contains("tools.jackson."))
                        .toList());
    }
}
