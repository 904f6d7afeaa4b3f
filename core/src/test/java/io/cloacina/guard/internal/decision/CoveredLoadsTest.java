// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cloacina.guard.JsonLines;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.config.GuardConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
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

    private static long eventsOf(Path events, Cover cover) throws Exception {
        return JsonLines.objects(Files.readAllLines(events)).stream()
                .filter(event -> cover.path().equals(event.get("package_path")))
                .count();
    }
}
