// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.sample.demo;

import io.cloacina.guard.PackageSecurity;
import io.cloacina.guard.SecurityConfig;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.crypto.GuardException;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.sample.demo.Plugin.Treatment;
import io.cloacina.guard.trust.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/** What an operator does once: makes a key, trusts it, signs plugins; and a stranger who signs one too. */
final class KeysAndTrust {

    /** Whose trust the host goes by. */
    static final UUID ORGANISATION = UUID.fromString("6f1d0c7a-52f0-4c0e-9d3b-8a1e5b7c2d40");

    private static final UUID STRANGERS = UUID.fromString("e0b9a4f2-7c11-4f6d-8a55-3d2c1b0a9f8e");
    private static final int SHOWN_DIGITS = 12;

    private final WorkDirectory work;
    private final Plugins plugins;
    private final Screen screen;

    KeysAndTrust(WorkDirectory work, Plugins plugins, Screen screen) {
        this.work = work;
        this.plugins = plugins;
        this.screen = screen;
    }

    /** The trust store of both organisations. */
    static Path store(WorkDirectory work) {
        return work.file("trust.db");
    }

    /**
     * Does it all, and shows each step.
     *
     * @return the fingerprint of the release key
     */
    String prepare(List<Plugin> all) throws GuardException, IOException, DemoFailure {
        writeKeyEncryptionKey(work.file("kek"));
        String release;
        String stranger;
        try (AuditLog log = AuditLog.open("file:" + work.file("signing-events.jsonl"))) {
            screen.source("security = SecurityConfig.builder()");
            screen.source("        .store(Path.of(\"trust.db\")).keyEncryptionKeyFile(Path.of(\"kek\"))");
            screen.source("        .organisation(" + shown(ORGANISATION) + ").create();");
            try (PackageSecurity security = security(ORGANISATION, log)) {
                release = makeAndTrustKey(security);
                sign(security, all);
            }
            screen.source("stranger = SecurityConfig.builder() ... .organisation(" + shown(STRANGERS) + ").create();");
            try (PackageSecurity security = security(STRANGERS, log)) {
                stranger = signAsStranger(security, all);
            }
        }
        for (Plugin plugin : all) {
            if (plugin.treatment() == Treatment.CHANGED) {
                plugins.changeOneByte(plugin);
            }
        }
        screen.note(
                "Then one byte of every keeper is changed: \"Your files are fine\" becomes \"Your files are mine\".");
        screen.note("The release key is " + release.substring(0, SHOWN_DIGITS) + ", the stranger's "
                + stranger.substring(0, SHOWN_DIGITS) + ".");
        return release;
    }

    private PackageSecurity security(UUID organisation, AuditLog log) throws GuardException {
        return SecurityConfig.builder()
                .store(store(work))
                .keyEncryptionKeyFile(work.file("kek"))
                .organisation(organisation)
                .audit(log)
                .create();
    }

    private String makeAndTrustKey(PackageSecurity security) throws GuardException {
        screen.source("security.keys().create(\"release\");");
        SigningKey release = security.keys().create("release");
        screen.source("security.trust().addPem(security.keys().export(\"release\").pem(), \"release\");");
        security.trust().addPem(security.keys().export("release").pem(), "release");
        return release.fingerprint().hex();
    }

    private void sign(PackageSecurity security, List<Plugin> all) throws GuardException {
        for (Plugin plugin : all) {
            if (plugin.treatment().isByReleaseKey()) {
                screen.source("security.signing(\"release\").sign(Path.of(\"" + plugin.file() + "\"));");
                security.signing("release").sign(plugins.path(plugin));
            }
        }
    }

    private String signAsStranger(PackageSecurity security, List<Plugin> all) throws GuardException {
        screen.source("stranger.keys().create(\"stranger\");");
        SigningKey stranger = security.keys().create("stranger");
        for (Plugin plugin : all) {
            if (plugin.treatment() == Treatment.SIGNED_BY_A_STRANGER) {
                screen.source("stranger.signing(\"stranger\").sign(Path.of(\"" + plugin.file() + "\"));");
                security.signing("stranger").sign(plugins.path(plugin));
            }
        }
        return stranger.fingerprint().hex();
    }

    private static void writeKeyEncryptionKey(Path file) throws IOException {
        byte[] key = new byte[Kek.SIZE_BYTES];
        new SecureRandom().nextBytes(key);
        Files.writeString(file, Base64.getEncoder().encodeToString(key));
    }

    private static String shown(UUID organisation) {
        return organisation.toString().substring(0, 8) + "...";
    }
}
