// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.monitor;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.decision.Admission;
import io.cloacina.guard.internal.decision.Load;
import io.cloacina.guard.internal.sign.PackageRules;
import io.cloacina.guard.internal.sign.TrustLimits;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.internal.trust.TrustStore.Withdrawal;
import io.cloacina.guard.internal.verify.PackageSnapshot;
import io.cloacina.guard.trust.KeyLimit;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Trust that goes while packages are loaded, on real stores; what is recorded is waited for in the stream of events.
 */
@Timeout(180)
class RevocationWatchTest extends RevocationWatchFixture {

    private static final UUID CHILD = UUID.fromString("00000000-0000-4000-8000-000000000002");
    private final Ed25519PrivateKey otherKey = Ed25519PrivateKey.generate(new SecureRandom());

    private long told(Path file) {
        return read.stream()
                .filter(event -> event.get("event_type").equals("package.revoked.loaded"))
                .filter(event -> event.get("package_path").equals(file.toString()))
                .count();
    }

    @ParameterizedTest
    @EnumSource
    void keyRevoked_afterItsPackageWasLoaded_isToldOncePerRevocation(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        manager.trustPublicKey(ORG, otherKey.publicKey(), "other", false);
        Path file = load("a.jar", key);
        load("a.jar", key);
        Path other = load("b.jar", otherKey);

        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(
                event,
                "package_path",
                file,
                "signer_fingerprint",
                key.publicKey().fingerprint(),
                "loads",
                2,
                "reason",
                "key_revoked",
                "revoked_by",
                ORG);
        assertTrue(event.get("package_hash").toString().matches("[0-9a-f]{64}"), event::toString);
        assertTrue(event.get("loaded_at").toString().matches("20.*Z"), event::toString);
        assertTrue(event.toString().contains("(release) was revoked 20"), event::toString);

        manager.trustPublicKey(ORG, key.publicKey(), "release", true);
        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());
        next("package.revoked.loaded");
        manager.revokeTrustedKey(ORG, otherKey.publicKey().fingerprint().hex());
        next("package.revoked.loaded");

        assertEquals(2, told(file));
        assertEquals(1, told(other));
    }

    @ParameterizedTest
    @EnumSource
    void grantRevoked_afterAPackageOfTheChildWasLoaded_isTold(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(CHILD, key.publicKey(), "theirs", false);
        manager.grantTrust(ORG, CHILD, false);
        Path file = load("a.jar", key);

        manager.revokeGrant(ORG, CHILD);

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "package_path", file, "reason", "grant_revoked", "revoked_by", ORG);
    }

    @ParameterizedTest
    @EnumSource
    void revokedEverywhere_afterAPackageOfTheChildWasLoaded_isTold(Hearing hearing) throws Exception {
        open(hearing);
        manager.trustPublicKey(CHILD, key.publicKey(), "theirs", false);
        manager.grantTrust(ORG, CHILD, false);
        load("a.jar", key);

        keys.trustedKeys().revokeEverywhere(key.publicKey().fingerprint(), Instant.now());

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "reason", "key_revoked", "revoked_by", CHILD);
    }

    @ParameterizedTest
    @EnumSource
    void packageWithdrawn_afterItWasLoaded_isToldOncePerWithdrawal_andOthersOfItsSignerAreNot(Hearing hearing)
            throws Exception {
        open(hearing);
        PackageRules packages = new PackageRules(keys, Clock.systemUTC(), new SecureRandom());
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        Path file = load("a.jar", key);
        Path other = load("b.jar", key);
        PackageHash hash = PackageSnapshot.hash(file);

        packages.withdraw(ORG, hash, "opens a port");

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "package_path", file, "reason", "package_withdrawn", "revoked_by", ORG);
        assertTrue(event.toString().contains("by organisation " + ORG + ": opens a port"), event::toString);
        Load again = Load.ofFile(Load.Kind.JAR, file, "a hook", null);
        assertInstanceOf(Admission.Denied.class, guard.admit(again, directory.resolve("copy" + copies++)));
        assertFields(next("package.load.failure"), "failure_reason", "withdrawn_package");

        packages.reinstate(ORG, hash);
        packages.withdraw(Withdrawal.EVERY_ORGANISATION, hash, null);
        manager.revokeTrustedKey(ORG, key.publicKey().fingerprint().hex());
        // The other package of the signer: its own event is of the key.
        while (told(other) == 0) {
            next("package.revoked.loaded");
        }
        assertFields(read.get(read.size() - 1), "reason", "key_revoked");
    }

    @ParameterizedTest
    @EnumSource
    void keyLimited_afterItsPackageWasLoaded_isTold_andLoadsAgainWhenTheLimitIsLifted(Hearing hearing)
            throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        Path file = load("a.jar", key);

        limit(new KeyLimit(List.of("com.vendor:*"), null));

        Map<String, Object> event = next("package.revoked.loaded");
        assertFields(event, "package_path", file, "reason", "key_limited", "revoked_by", ORG, "revoked_at", null);
        assertTrue(event.get("error").toString().contains("for packages called [com.vendor:*] only"), event::toString);
        assertTrue(Refusal.isOfLimitedKey(event.get("error").toString()), "the report tells it so");

        limit(KeyLimit.NONE);
        load("a.jar", key);
    }

    @ParameterizedTest
    @EnumSource(names = {"POSTGRES_POLLED", "SQLITE_POLLED"})
    void keyThatCountsForATimeOnly_isToldWhenThatIsOver_thoughNothingInTheStoreChanges(Hearing hearing)
            throws Exception {
        open(hearing);
        manager.trustPublicKey(ORG, key.publicKey(), "release", false);
        Instant end = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MICROS);
        limit(new KeyLimit(List.of(), end));
        Path file = load("a.jar", key);

        ahead = Duration.ofDays(2);

        assertFields(
                next("package.revoked.loaded"),
                "package_path",
                file,
                "reason",
                "key_limited",
                "revoked_by",
                ORG,
                "revoked_at",
                Rfc3339.format(end));
    }

    private void limit(KeyLimit limit) throws Exception {
        TrustLimits limits = new TrustLimits(keys, Clock.systemUTC(), new SecureRandom());
        assertTrue(limits.set(limits.ownKey(ORG, "release"), limit));
    }
}
