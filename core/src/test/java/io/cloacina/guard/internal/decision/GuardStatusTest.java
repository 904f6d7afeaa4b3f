// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static io.cloacina.guard.JsonLines.assertFields;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.monitor.GuardStatus;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.verify.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a guard tells about itself: to its operator, to an observer, and when it starts and ends. */
class GuardStatusTest extends GuardFixture {

    @Test
    void close_counts_areInTheLastEvent() throws Exception {
        Path good = plugin("a.jar", true);
        Path bad = plugin("b.jar", false);
        try (Guard guard = setup.open()) {
            guard.admit(Load.ofFile(Load.Kind.JAR, good, "hook", null), directory.resolve("c1"));
            guard.admit(Load.ofFile(Load.Kind.JAR, bad, "hook", null), directory.resolve("c2"));
        }
        List<String> lines = new ArrayList<>(Files.readAllLines(setup.events));
        Map<String, Object> last = JsonLines.object(lines.get(lines.size() - 1));
        assertFields(last, "event_type", "guard.stopped", "verified", 1, "refused", 1);
    }

    @Test
    void open_badKeysStoreOrAudit_saysWhichSetting() throws Exception {
        Path noKey = Files.writeString(directory.resolve("no.pem"), "x");
        Path empty = Files.createDirectory(directory.resolve("empty"));
        for (String path : List.of(noKey.toString(), empty.toString(), directory + "/nope.pem")) {
            setup.settings.put("cloacina.trusted_keys", path);
            String message = assertThrows(ConfigException.class, setup::open).getMessage();
            assertTrue(message.contains("cloacina.trusted_keys") && message.contains(path), message);
        }
        setup.settings.put("cloacina.trusted_keys", directory.toString());
        Files.delete(noKey);
        setup.open().close();
        setup.settings.put("cloacina.audit", "file:" + directory + "/no/such");
        assertTrue(assertThrows(ConfigException.class, setup::open).getMessage().contains("cloacina.audit"));
        setup.settings.put("cloacina.audit", "stderr");
        setup.settings.put("cloacina.database_url", "mysql://u:geheim@h/d");
        setup.settings.put("cloacina.verification_org_id", "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
        String message = assertThrows(ConfigException.class, setup::open).getMessage();
        assertTrue(message.contains("cloacina.database_url") && !message.contains("geheim"), message);
    }

    @Test
    void status_afterLoads_countsThemAndNamesWhatWasLoadedAndRefused() throws Exception {
        Path good = plugin("a.jar", true);
        Path bad = plugin("b.jar", false);
        try (Guard guard = setup.open()) {
            assertEquals(List.of(), guard.status().loaded());
            guard.admit(Load.ofFile(Load.Kind.JAR, good, "hook", null), directory.resolve("c1"));
            guard.admit(Load.ofFile(Load.Kind.JAR, bad, "hook", null), directory.resolve("c2"));

            GuardStatus status = guard.status();

            assertEquals("enforcing", status.mode());
            assertEquals(1, status.counts().get("verified"));
            assertEquals(1, status.counts().get("refused"));
            assertEquals(good.toString(), status.loaded().get(0).packagePath());
            assertEquals(
                    setup.key.publicKey().fingerprint().hex(),
                    status.loaded().get(0).signerFingerprint());
            assertEquals(bad.toString(), status.lastRefusals().get(0).packagePath());
            assertEquals("signature_not_found", status.lastRefusals().get(0).reason());
            assertEquals("none", status.storeState());
            assertEquals("off", status.revocationWatch());
        }
    }

    @Test
    void status_manyRefusals_keepsTheLatest() throws Exception {
        try (Guard guard = setup.open()) {
            for (int i = 0; i < GuardStatus.MOST_REFUSALS + 2; i++) {
                guard.refuse(
                        Load.ofUrl(Load.Kind.CLASS, null, "class " + i, "hook", null),
                        Refusal.DYNAMIC_CODE,
                        null,
                        "no");
            }
            List<GuardStatus.Refused> last = guard.status().lastRefusals();

            assertEquals(GuardStatus.MOST_REFUSALS, last.size());
            assertEquals("class " + (GuardStatus.MOST_REFUSALS + 1), last.get(0).packagePath());
        }
    }

    @Test
    void status_storeThatGoesAndComesBack_saysSinceWhenAndWhy_withoutThePassword() throws Exception {
        setup.settings.put("cloacina.database_url", "sqlite://" + directory.resolve("trust.db"));
        setup.settings.put("cloacina.verification_org_id", "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
        Load load = Load.ofFile(Load.Kind.JAR, plugin("a.jar", true), "hook", null);
        try (Guard guard = setup.open()) {
            assertEquals("not asked yet", guard.status().storeState());
            guard.admit(load, directory.resolve("c1"));
            String state = guard.status().storeState();
            assertTrue(
                    state.matches("unavailable since 20.*Z: StoreUnavailable: trust store \\[.*no such file.*"), state);
            assertEquals(
                    "store_unavailable", guard.status().lastRefusals().get(0).reason());

            JdbiStore.create(StoreUrl.ofFile(directory.resolve("trust.db")), Duration.ofSeconds(20), Clock.systemUTC())
                    .close();
            guard.admit(load, directory.resolve("c2"));
            assertEquals("answering", guard.status().storeState());
        }
    }

    @Test
    void observer_seesEveryDecisionOnce_withItsOutcome() throws Exception {
        List<String> seen = new ArrayList<>();
        DecisionObserver observer = new DecisionObserver() {
            @Override
            public void begins(Load load, Path to, long bytes) {
                seen.add("begins");
            }

            @Override
            public void decided(Load load, Outcome outcome, AuditEvent event) {
                seen.add(outcome.word() + " " + event.type());
            }
        };
        Path exempt = plugin("exempt.jar", false);
        setup.settings.put("cloacina.exempt", exempt.toString());
        try (Guard guard = setup.open()) {
            guard.observe(observer);
            assertThrows(IllegalStateException.class, () -> guard.observe(observer));
            guard.admit(Load.ofFile(Load.Kind.JAR, plugin("a.jar", true), "hook", null), directory.resolve("c1"));
            guard.admit(Load.ofFile(Load.Kind.JAR, plugin("b.jar", false), "hook", null), directory.resolve("c2"));
            guard.admit(Load.ofFile(Load.Kind.JAR, exempt, "hook", null), directory.resolve("c3"));
            guard.systemLibrary(Load.ofFile(Load.Kind.NATIVE, Path.of("/lib/x.so"), "hook", null));
        }
        assertEquals(
                List.of(
                        "begins",
                        "verified package.load.success",
                        "begins",
                        "refused package.load.failure",
                        "begins",
                        "exempt package.load.success",
                        "covered package.load.success"),
                seen);
    }

    @Test
    void banner_isOneLineWithModeOrganisationStoreHooksAndJdk_withoutThePassword() throws Exception {
        setup.settings.put("cloacina.database_url", "postgres://agent:geheim@db.example.org/trust");
        setup.settings.put("cloacina.verification_org_id", "6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");
        try (Guard guard = setup.open()) {
            String banner = guard.lines().banner(25);

            assertTrue(
                    banner.matches("cloacina-guard: enforcing: .* \\(organisation 6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40,"
                            + " store postgresql://.*db\\.example\\.org.*/trust, 1 key files, 25 hooks, Java "
                            + java.util.regex.Pattern.quote(Runtime.version().toString()) + "\\)"),
                    banner);
            assertFalse(banner.contains("geheim"), banner);
        }
        setup.settings.clear();
        setup.settings.put("cloacina.audit", "file:" + setup.events);
        try (Guard guard = setup.open()) {
            assertTrue(
                    guard.lines()
                            .banner(24)
                            .startsWith("cloacina-guard: AUDIT MODE: nothing is refused, only recorded"
                                    + " (organisation none, no store, 0 key files, 24 hooks"),
                    guard.lines().banner(24));
        }
    }
}
