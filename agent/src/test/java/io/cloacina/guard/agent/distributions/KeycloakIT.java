// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.HIGHEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.Packages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Keycloak, built before it is started as for production; its providers are JARs in a directory. */
@Tag("large")
class KeycloakIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path keycloak;
    private int port;

    private Path[] libraries() throws IOException {
        try (Stream<Path> jars = Files.list(keycloak.resolve("lib/lib/main"))) {
            return jars.toArray(Path[]::new);
        }
    }

    /** A provider of a REST resource at {@code /realms/master/NAME}. */
    private Path provider(String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "provider");
        Packages.compile(classes, "sample." + name, """
            package sample;
            import org.keycloak.models.*;
            import org.keycloak.services.resource.*;
            public class %1$s implements RealmResourceProviderFactory, RealmResourceProvider {
                @Override public RealmResourceProvider create(KeycloakSession session) { return this; }
                @Override public void init(org.keycloak.Config.Scope scope) {}
                @Override public void postInit(KeycloakSessionFactory factory) {}
                @Override public void close() {}
                @Override public String getId() { return "%1$s"; }
                @Override public Object getResource() { return this; }
                @jakarta.ws.rs.GET
                public String get() { return "%2$s"; }
            }
            """.formatted(name, text), libraries());
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF/services"))
                        .resolve("org.keycloak.services.resource.RealmResourceProviderFactory"),
                "sample." + name);
        // Has Quarkus look for resources in the JAR when it is built.
        Files.writeString(classes.resolve("META-INF/beans.xml"), "");
        return Packages.zip(classes, keycloak.resolve("providers").resolve(name + ".jar"));
    }

    private void build() throws Exception {
        try (RunningHost build =
                rollout.start(keycloak, Map.of(), keycloak.resolve("bin/kc.sh"), "build", "--db=dev-file")) {
            assertEquals(0, build.awaitEnd(), build::output);
        }
    }

    private RunningHost start(List<String> options) throws Exception {
        port = RunningHost.freePort();
        return rollout.start(
                keycloak,
                Map.of("JAVA_OPTS_APPEND", String.join(" ", options)),
                keycloak.resolve("bin/kc.sh"),
                "start",
                "--optimized",
                "--cache=local",
                "--http-enabled=true",
                "--hostname-strict=false",
                "--http-port=" + port);
    }

    private String get(String name) throws Exception {
        return RunningHost.get("http://localhost:" + port + "/realms/master/" + name);
    }

    @HostJdk(HIGHEST)
    void provider_signed_servesUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        rollout = new Rollout(jdk, directory);
        keycloak = Distribution.copy("keycloak", directory.resolve("keycloak"));
        provider("good", "good");
        build();

        try (RunningHost host = start(rollout.audit())) {
            host.await("Listening on");
            assertEquals("200 good", get("good"), host::output);
        }
        rollout.signWhatTheReportSays();
        try (RunningHost host = start(rollout.enforce())) {
            host.await("Listening on");
            assertEquals("200 good", get("good"), host::output);
            rollout.assertNothingToReport();
        }

        // Keycloak takes its providers for its own classes: it does not start without one.
        for (String name : new String[] {"unsigned", "flipped"}) {
            Path jar = provider(name, "before");
            if (name.equals("flipped")) {
                rollout.shell("cloacina sign --key release " + jar, 0);
                provider(name, "flipped");
            }
            build();
            rollout.shell("cloacina sign --key release " + keycloak.resolve("lib/quarkus"), 0);
            try (RunningHost host = start(rollout.enforce())) {
                assertNotEquals(0, host.awaitEnd(), host::output);
                rollout.assertRefused("/" + name + ".jar");
            }
            Files.delete(jar);
        }
        build();
        rollout.shell("cloacina sign --key release " + keycloak.resolve("lib/quarkus"), 0);
        try (RunningHost host = start(rollout.enforce())) {
            host.await("Listening on");
            assertEquals("200 good", get("good"), host::output);
        }
    }
}
