// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.sign.PackageSigner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The settings of a guard that enforces and trusts one key, for a test to change; and what such a guard records. */
final class EnforcingSetup {

    final Ed25519PrivateKey key = Ed25519PrivateKey.generate(new SecureRandom());
    final Map<String, String> settings = new HashMap<>();
    final Path events;

    /** @param directory where the key and the events lie */
    EnforcingSetup(Path directory) throws IOException {
        events = directory.resolve("events.jsonl");
        Path trusted = Files.writeString(directory.resolve("key.pem"), Pem.write(key.publicKey()));
        settings.put("cloacina.require_signatures", "true");
        settings.put("cloacina.trusted_keys", trusted.toString());
        settings.put("cloacina.audit", "file:" + events);
    }

    Guard open() throws ConfigException {
        return Guard.open(GuardConfig.read(settings, Map.of()), Clock.systemUTC());
    }

    Path sign(Path file) throws Exception {
        PackageSigner.writingFiles(key, Clock.systemUTC()).sign(file);
        return file;
    }

    List<Map<String, Object>> events(String type) throws IOException {
        return JsonLines.events(type, Files.readAllLines(events));
    }
}
