// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.UrlHost;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Agents that applications are run with, before and behind the guard on the command line: each takes effect on a signed
 * plugin's class, and an unsigned plugin is refused all the same.
 */
class CommandLineAgentsIT {

    private static final String ASPECT = """
            package sample;
            import org.aspectj.lang.ProceedingJoinPoint;
            import org.aspectj.lang.annotation.Around;
            import org.aspectj.lang.annotation.Aspect;
            @Aspect
            public class Advised {
                @Around(value = "execution(void sample.Plugin.run())", argNames = "point")
                public Object around(ProceedingJoinPoint point) throws Throwable {
                    System.out.println("ADVICE " + point.getSignature().getName());
                    return point.proceed();
                }
            }
            """;

    private static final String AOP = """
            <aspectj>
              <aspects><aspect name="sample.Advised"/></aspects>
              <weaver><include within="sample..*"/></weaver>
            </aspectj>
            """;

    private static final String NEW_RELIC = """
            common: &default_settings
              license_key: '0123456789012345678901234567890123456789'
              app_name: sample
              host: localhost
              port: 1
              log_level: fine
              log_file_name: STDOUT
            production:
              <<: *default_settings
            """;

    private static final String NEW_RELIC_POINTCUT = """
            <?xml version="1.0" encoding="UTF-8"?>
            <extension xmlns="https://newrelic.com/docs/java/xsd/v1.0" name="sample" version="1.0" enabled="true">
              <instrumentation>
                <pointcut transactionStartPoint="true">
                  <className>sample.Plugin</className>
                  <method><name>run</name></method>
                </pointcut>
              </instrumentation>
            </extension>
            """;

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();

    /** Where an agent stands, and whether what it generates is denied to all others. */
    record Run(String agent, Jdk jdk, boolean behindGuard, boolean deny) {
        @Override
        public String toString() {
            return agent + " on " + jdk + (behindGuard ? " behind" : " before") + " the guard"
                    + (deny ? ", dynamic_code=deny" : "");
        }
    }

    /** Each on the first and the last JDK that it knows. */
    static List<Run> runs() {
        List<Jdk> jdks = Jdks.all();
        List<Run> runs = new ArrayList<>();
        for (String agent : List.of(
                "org.jacoco.agent-runtime",
                "aspectjweaver",
                "dd-java-agent",
                "elastic-apm-agent",
                "newrelic-agent",
                "opentelemetry-javaagent")) {
            // 8.19.0 of New Relic's agent does nothing on Java 25.
            List<Jdk> known = agent.equals("newrelic-agent")
                    ? jdks.stream().filter(jdk -> jdk.feature() < 24).toList()
                    : jdks;
            runs.add(new Run(agent, known.get(0), false, true));
            runs.add(new Run(agent, known.get(0), true, false));
            if (known.size() > 1) {
                runs.add(new Run(agent, known.get(known.size() - 1), false, false));
                runs.add(new Run(agent, known.get(known.size() - 1), true, true));
            }
        }
        return runs;
    }

    @ParameterizedTest
    @MethodSource("runs")
    void agent_takesEffectOnASignedPlugin_unsignedOneIsRefused(Run run) throws Exception {
        Path marker = fixture.file("evil-marker");
        Path evil = packages.jar("evil.jar", marker, "evil");
        Path good = packages.sign(plugin(run));
        GuardedJvm jvm = fixture.jvm(run.jdk())
                .set("cloacina.require_signatures", true)
                .set("cloacina.dynamic_code", run.deny() ? "deny" : "allow")
                .set("cloacina.trusted_keys", packages.publicKeyFile())
                .option("-XX:TieredStopAtLevel=1")
                .option("-XX:+UseSerialGC");
        if (!run.behindGuard()) {
            jvm.agentLast();
        }
        options(run.agent()).forEach(jvm::option);

        Result result = jvm.run(UrlHost.class, Packages.PLUGIN, evil, good);

        assertEquals(0, result.status(), result::toString);
        assertTrue(result.out().contains("LOADED 1\n"), result::toString);
        assertTrue(effects(run.agent(), result), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        List<LoggedEvent> refused = result.events("package.load.failure");
        assertEquals(1, refused.size(), result::toString);
        refused.get(0).assertHas("package_path", evil);
    }

    private Path plugin(Run run) throws IOException {
        Path classes = packages.classes("good", fixture.file("good-marker"), "good");
        if (run.agent().equals("aspectjweaver")) {
            Packages.compile(classes, "sample.Advised", ASPECT, Packages.library("aspectjweaver"));
            Files.writeString(
                    Files.createDirectories(classes.resolve("META-INF")).resolve("aop.xml"), AOP);
        }
        return Packages.zip(classes, fixture.file("good.jar"));
    }

    private Path coverage() {
        return fixture.file("jacoco.exec");
    }

    /** Those that send what they find elsewhere are told to write it instead. */
    private List<String> options(String agent) throws IOException {
        List<String> options = new ArrayList<>();
        options.add("-javaagent:" + Packages.library(agent)
                + (agent.startsWith("org.jacoco") ? "=destfile=" + coverage() : ""));
        switch (agent) {
            case "opentelemetry-javaagent" ->
                options.addAll(List.of(
                        "-Dotel.traces.exporter=logging",
                        "-Dotel.metrics.exporter=none",
                        "-Dotel.logs.exporter=none",
                        "-Dotel.instrumentation.methods.include=sample.Plugin[run]"));
            case "elastic-apm-agent" ->
                options.addAll(List.of(
                        "-Delastic.apm.disable_send=true",
                        "-Delastic.apm.central_config=false",
                        "-Delastic.apm.cloud_provider=NONE",
                        "-Delastic.apm.log_level=DEBUG",
                        "-Delastic.apm.log_file=System.out",
                        "-Delastic.apm.trace_methods=sample.Plugin#run"));
            case "dd-java-agent" ->
                options.addAll(List.of(
                        "-Ddd.writer.type=LoggingWriter",
                        "-Ddd.instrumentation.telemetry.enabled=false",
                        "-Ddd.remote_config.enabled=false",
                        "-Ddd.jmxfetch.enabled=false",
                        "-Ddd.trace.methods=sample.Plugin[run]"));
            case "newrelic-agent" -> {
                Path extensions = fixture.newDirectory("extensions");
                Files.writeString(extensions.resolve("sample.xml"), NEW_RELIC_POINTCUT);
                options.add("-Dnewrelic.config.file=" + Files.writeString(fixture.file("newrelic.yml"), NEW_RELIC));
                options.add("-Dnewrelic.config.extensions.dir=" + extensions);
            }
            default -> {
                // What it is to do is in the plugin, or everything.
            }
        }
        return options;
    }

    private boolean effects(String agent, Result result) throws IOException {
        return switch (agent) {
            case "org.jacoco.agent-runtime" ->
                Files.readString(coverage(), StandardCharsets.ISO_8859_1).contains("sample/Plugin");
            case "aspectjweaver" -> result.out().contains("ADVICE run\nLOADED 1\n");
            case "dd-java-agent" -> result.err().contains("\"resource\":\"Plugin.run\"");
            case "elastic-apm-agent" -> result.out().contains("Activating 'Plugin#run'");
            case "newrelic-agent" -> result.out().contains("Instrumented sample.Plugin.run()V");
            case "opentelemetry-javaagent" -> result.err().contains("LoggingSpanExporter - 'Plugin.run'");
            default -> throw new IllegalArgumentException(agent);
        };
    }
}
