// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.HIGHEST;
import static io.cloacina.guard.agent.distributions.HostJdk.Which.LOWEST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.forked.Packages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Tomcat with WARs that it unpacks, and with WARs that it leaves packed. */
class TomcatIT {

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path tomcat;
    private Path webapps;
    private boolean precompile;

    private void prepare(Jdk jdk, boolean unpack) throws Exception {
        rollout = new Rollout(jdk, directory);
        tomcat = Distribution.copy("tomcat", directory.resolve("tomcat"));
        webapps = tomcat.resolve("webapps");
        Files.move(webapps, tomcat.resolve("webapps-as-shipped"));
        Files.createDirectory(webapps);
        Path configuration = tomcat.resolve("conf/server.xml");
        Files.writeString(
                configuration,
                Files.readString(configuration)
                        .replace("<Server port=\"8005\"", "<Server port=\"-1\"")
                        .replace("port=\"8080\"", "port=\"0\"")
                        .replace("<Engine ", "<Engine backgroundProcessorDelay=\"1\" ")
                        .replace("unpackWARs=\"true\"", "unpackWARs=\"" + unpack + "\""));
        Webapp.war(
                webapps.resolve("good.war"),
                tomcat.resolve("lib/servlet-api.jar"),
                "good",
                precompile ? this::compileJsp : null);
    }

    private Path war(Path war, String text) throws Exception {
        return Webapp.war(war, tomcat.resolve("lib/servlet-api.jar"), text);
    }

    /** Tomcat's own compiler, which is a task of Ant. */
    private void compileJsp(Path root) throws Exception {
        try (RunningHost compiler = rollout.start(
                root,
                List.of(),
                "-cp",
                tomcat + "/lib/*:" + tomcat + "/bin/*:" + Packages.library("ant"),
                "org.apache.jasper.JspC",
                "-uriroot",
                root,
                "-d",
                root.resolve("WEB-INF/classes"),
                "-compile")) {
            assertEquals(0, compiler.awaitEnd(), compiler::output);
        }
    }

    private RunningHost start(List<String> options) throws Exception {
        return rollout.start(
                tomcat, Map.of("CATALINA_OPTS", String.join(" ", options)), tomcat.resolve("bin/catalina.sh"), "run");
    }

    private static String address(RunningHost host) throws Exception {
        host.await("Server startup in");
        return "http://localhost:" + host.await("http-nio-auto-1-([0-9]+)");
    }

    /** What appears in {@code webapps} while Tomcat runs; the move makes it whole at once. */
    private void deploy(RunningHost host, Path war) throws Exception {
        Files.move(war, webapps.resolve(war.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        host.await("Deployment of web application archive \\[\\S*" + war.getFileName() + "\\] has finished");
    }

    private void auditThenEnforce() throws Exception {
        try (RunningHost host = start(rollout.audit())) {
            String address = address(host);
            assertEquals("200 good", RunningHost.get(address + "/good/hello"), host::output);
            assertEquals("200 good by JSP", RunningHost.get(address + "/good/page.jsp"), host::output);
        }
        String report = rollout.signWhatTheReportSays();
        if (!precompile) {
            rollout.take(report, "cloacina.exempt");
        }
        Path later = Files.createDirectory(directory.resolve("later"));
        Path flipped = war(later.resolve("flipped.war"), "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        war(flipped, "flipped");
        Path unsigned = war(later.resolve("unsigned.war"), "unsigned");
        try (RunningHost host = start(rollout.enforce())) {
            String address = address(host);
            assertEquals("200 good", RunningHost.get(address + "/good/hello"), host::output);
            assertEquals("200 good by JSP", RunningHost.get(address + "/good/page.jsp"), host::output);
            rollout.assertNothingToReport();

            deploy(host, unsigned);
            deploy(host, flipped);
            for (String name : new String[] {"unsigned", "flipped"}) {
                String answer = RunningHost.get(address + "/" + name + "/hello");
                assertFalse(answer.startsWith("200"), answer);
                rollout.assertRefused("/webapps/" + name);
            }
            assertEquals("200 good", RunningHost.get(address + "/good/hello"), host::output);
        }
    }

    @HostJdk(LOWEST)
    void unpackedWar_withJsp_servesUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        prepare(jdk, true);
        auditThenEnforce();
        assertTrue(Files.isDirectory(webapps.resolve("good")), "was not unpacked");
    }

    @HostJdk(HIGHEST)
    void packedWar_withCompiledJsp_servesUnderEnforcement_andOthersDoNot(Jdk jdk) throws Exception {
        precompile = true;
        prepare(jdk, false);
        auditThenEnforce();
        assertFalse(Files.isDirectory(webapps.resolve("good")), "was unpacked");
    }
}
