// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Libraries as they come from Maven Central: as packages, and as the application's own beside the guard's. */
class RealLibrariesIT {

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    @EachJdk
    void commonsLang_signed_loads_andIsRefusedAfterOneBitWasFlipped(Jdk jdk) throws Exception {
        Path jar = Files.copy(Packages.library("commons-lang3"), fixture.file("commons-lang3.jar"));
        Path user = fixture.file("user");
        Packages.compile(Files.createDirectories(user), Packages.PLUGIN, """
                package sample;
                public class Plugin implements Runnable {
                    @Override public void run() {
                        System.out.println(org.apache.commons.lang3.StringUtils.reverse("draug"));
                    }
                }
                """, jar);
        packages.sign(user);
        packages.sign(jar);
        GuardedJvm jvm = fixture.enforcing(jdk);

        Result loaded = jvm.run(UrlHost.class, Packages.PLUGIN, user, jar);
        assertTrue(loaded.out().startsWith("guard\nLOADED 1\n"), loaded::toString);

        Packages.flipOneBit(jar);
        Result refused = jvm.run(UrlHost.class, Packages.PLUGIN, user, jar);
        assertTrue(
                refused.out().contains("FAILED 1 java.lang.NoClassDefFoundError: org/apache/commons/lang3"),
                refused::toString);
        refused.events("package.load.failure").get(0).assertHas("failure_reason", "tampered_package");
    }

    /**
     * The application has the guard's own libraries in other versions and configures them by the very system properties
     * that those read; the guard, on an SQLite store, works beside it.
     */
    @EachJdk
    void application_withTheGuardsLibrariesInOtherVersions_worksUnchanged(Jdk jdk) throws Exception {
        Path[] libraries = Stream.of(
                        "jackson-core",
                        "jackson-annotations",
                        "jackson-databind",
                        "logback-core",
                        "logback-classic",
                        "slf4j-api",
                        "jdbi3-core",
                        "geantyref",
                        "sqlite-jdbc")
                .map(Packages::library)
                .toArray(Path[]::new);
        Path application = fixture.newDirectory("application");
        Packages.compile(application, Packages.PLUGIN, APPLICATION, libraries);
        Path logback = Files.writeString(fixture.file("logback.xml"), LOGBACK);
        GuardedJvm jvm = fixture.enforcing(jdk, fixture.trustStore())
                .option("-Dlogback.configurationFile=" + logback)
                .option("-Dorg.sqlite.tmpdir=" + fixture.newDirectory("sqlite"))
                .option("-Dorg.sqlite.lib.path=" + fixture.directory())
                .classPath(application)
                .classPath((Object[]) libraries);
        Path unsigned = packages.jar("plugin.jar", fixture.file("marker"), "evil");

        Result guarded = jvm.run(UrlHost.class, Packages.PLUGIN, unsigned);

        assertTrue(guarded.out().startsWith(EXPECTED), guarded::toString);
        guarded.event("package.load.failure").assertHas("failure_reason", "signature_not_found");
        guarded.events("package.load.success").get(0).assertHas("covered_by", Packages.library("sqlite-jdbc"));

        Result unguarded = jvm.withoutAgent().run(UrlHost.class, Packages.PLUGIN, unsigned);
        assertTrue(unguarded.out().startsWith(EXPECTED), unguarded::toString);
    }

    private static final String EXPECTED = """
            jackson 2.15.4 {"a":[1,2]}
            logback 1.4.14 INFO application says hello
            jdbi and sqlite 3.45.3 [one, two]
            guard invisible 7
            LOADED 1
            """;

    private static final String LOGBACK = """
            <configuration>
              <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>logback 1.4.14 %level %logger says %msg%n</pattern></encoder>
              </appender>
              <root level="INFO"><appender-ref ref="OUT"/></root>
            </configuration>
            """;

    private static final String APPLICATION = """
            package sample;
            import java.util.List;
            import java.util.Map;
            public class Plugin implements Runnable {
                private static boolean done;
                @Override public void run() {
                    if (done) {
                        return;
                    }
                    done = true;
                    try {
                        System.out.println("jackson " + com.fasterxml.jackson.databind.cfg.PackageVersion.VERSION + " "
                                + new com.fasterxml.jackson.databind.ObjectMapper()
                                        .writeValueAsString(Map.of("a", List.of(1, 2))));
                        org.slf4j.LoggerFactory.getLogger("application").info("hello");
                        org.jdbi.v3.core.Jdbi jdbi = org.jdbi.v3.core.Jdbi.create("jdbc:sqlite::memory:");
                        System.out.println("jdbi and sqlite " + jdbi.withHandle(handle -> {
                            handle.execute("CREATE TABLE t (x TEXT)");
                            handle.execute("INSERT INTO t VALUES ('one'), ('two')");
                            return handle.createQuery("SELECT sqlite_version()").mapTo(String.class).one() + " "
                                    + handle.createQuery("SELECT x FROM t").mapTo(String.class).list();
                        }));
                        int invisible = 0;
                        for (String name : new String[] {
                                "io.cloacina.guard.internal.decision.Guard",
                                "io.cloacina.guard.agent.start.Installer",
                                "net.bytebuddy.ByteBuddy",
                                "org.bouncycastle.math.ec.rfc8032.Ed25519",
                                "org.postgresql.Driver",
                                "picocli.CommandLine",
                                "tools.jackson.core.JsonParser"}) {
                            try {
                                Class.forName(name);
                                System.out.println("visible: " + name);
                            } catch (ClassNotFoundException e) {
                                invisible++;
                            }
                        }
                        System.out.println("guard invisible " + invisible);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }
            }
            """;
}
