// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.sign.PackageRules;
import io.cloacina.guard.internal.sign.PackageSigner;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.verify.DetachedSignature;
import io.cloacina.guard.verify.Refusal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CoveredLoadsTest {

    @TempDir
    Path directory;

    private static Cover unsignedArchive(Path file) {
        PackageHash hash = PackageHash.ofContent(file.toString().getBytes(StandardCharsets.UTF_8));
        return new Cover(file.toString(), hash, file.resolveSibling(file.getFileName() + ".sig"), false);
    }

    @Test
    void unsignedCover_auditMode_hasOneEventUntilTooManyAreNoted() throws Exception {
        Path events = directory.resolve("events.jsonl");
        Path inner = Files.writeString(directory.resolve("inner.jar"), "inner");
        PackageHash hash = PackageHash.ofContent(Files.readAllBytes(inner));
        Load load = Load.ofFile(Load.Kind.JAR, inner, "a hook", "a loader");
        Cover first = unsignedArchive(directory.resolve("first.war"));
        Map<String, String> settings = Map.of("cloacina.audit", "file:" + events);
        try (Guard guard = Guard.open(GuardConfig.read(settings, Map.of()), Clock.systemUTC())) {
            guard.admit(load, hash, first);
            guard.admit(load, hash, first);
            assertEquals(1, eventsOf(events, first));

            for (int i = 0; i < CoveredLoads.MOST_NOTED; i++) {
                guard.admit(load, hash, unsignedArchive(directory.resolve(i + ".war")));
            }
            guard.admit(load, hash, first);
            assertEquals(2, eventsOf(events, first), "it is noted for good: what is noted only grows");
        }
    }

    @Test
    void withdrawnPackage_insideAnArchiveThatVerifies_isDenied_andSoIsWhatAWithdrawnArchiveCovers() throws Exception {
        UUID org = UUID.randomUUID();
        StoreUrl url = StoreUrl.ofFile(directory.resolve("trust.db"));
        Path inner = Files.writeString(directory.resolve("inner.jar"), "inner");
        Path archive = Files.writeString(directory.resolve("outer.war"), "outer");
        PackageHash hash = PackageSnapshot.hash(inner);
        Load load = Load.ofFile(Load.Kind.JAR, inner, "a hook", "a loader");
        Cover cover =
                new Cover(archive.toString(), PackageSnapshot.hash(archive), DetachedSignature.pathFor(archive), false);
        Map<String, String> settings = Map.of(
                "cloacina.require_signatures",
                "true",
                "cloacina.database_url",
                url.toString(),
                "cloacina.verification_org_id",
                org.toString(),
                "cloacina.audit",
                "file:" + directory.resolve("events.jsonl"));
        try (JdbiStore store = JdbiStore.create(url, Duration.ofSeconds(20), Clock.systemUTC());
                Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
                Guard guard = Guard.open(GuardConfig.read(settings, Map.of()), Clock.systemUTC())) {
            new TrustManager(store, Clock.systemUTC(), new SecureRandom())
                    .trustPublicKey(org, key.publicKey(), "release", false);
            PackageSigner.writingFiles(key, Clock.systemUTC()).sign(archive);
            PackageRules rules = new PackageRules(store, Clock.systemUTC(), new SecureRandom());
            assertInstanceOf(Admission.Allowed.class, guard.admit(load, hash, cover));

            rules.withdraw(org, hash, null);
            assertEquals(
                    Refusal.WITHDRAWN_PACKAGE,
                    assertInstanceOf(Admission.Denied.class, guard.admit(load, hash, cover))
                            .reason());

            rules.reinstate(org, hash);
            assertInstanceOf(Admission.Allowed.class, guard.admit(load, hash, cover));
            PackageHash library = PackageHash.ofContent(new byte[] {1});
            Load inside = Load.ofUrl(Load.Kind.JAR, null, archive + "!/lib/library.jar", "a hook", "a loader");
            Cover around = new Cover(
                    cover.path(), cover.packageHash(), cover.signatureFile(), cover.isLoaded(), List.of(library));
            assertInstanceOf(Admission.Allowed.class, guard.admitInside(inside, library, cover));
            assertInstanceOf(Admission.Allowed.class, guard.admit(load, hash, around));
            rules.withdraw(org, library, null);
            assertInstanceOf(Admission.Denied.class, guard.admitInside(inside, library, cover));
            assertInstanceOf(Admission.Denied.class, guard.admit(load, hash, around));
            rules.reinstate(org, library);

            rules.withdraw(org, cover.packageHash(), null);
            assertInstanceOf(Admission.Denied.class, guard.admit(load, hash, cover));
        }
    }

    private static long eventsOf(Path events, Cover cover) throws Exception {
        return JsonLines.objects(Files.readAllLines(events)).stream()
                .filter(event -> cover.path().equals(event.get("package_path")))
                .count();
    }
}
