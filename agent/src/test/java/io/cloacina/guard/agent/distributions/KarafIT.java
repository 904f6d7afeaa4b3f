// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.distributions;

import static io.cloacina.guard.agent.distributions.HostJdk.Which.LOWEST;
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

/** Karaf on both OSGi frameworks: each keeps copies of its bundles in a cache, and names their classes in its own way. */
class KarafIT {

    /** It asks for a security manager on its command line, which Java 24 and later do not start with. */
    private static final int KARAF_JDK = 23;

    @TempDir
    Path directory;

    private Rollout rollout;
    private Path karaf;

    private RunningHost start(List<String> options) throws Exception {
        return rollout.start(
                karaf,
                Map.of(
                        "EXTRA_JAVA_OPTS",
                        String.join(" ", options) + " -Dkaraf.shutdown.port=-1 -Dkaraf.log.console=INFO",
                        "CHECK_ROOT_INSTANCE_RUNNING",
                        "false"),
                karaf.resolve("bin/karaf"),
                "server");
    }

    private Path bundle(Path jar, String name, String text) throws Exception {
        Path classes = Files.createTempDirectory(directory, "bundle");
        Path framework = karaf.resolve("system/org/apache/felix/org.apache.felix.framework/7.0.5")
                .resolve("org.apache.felix.framework-7.0.5.jar");
        Packages.compile(classes, "sample.Text", """
            package sample;
            class Text {
                static final String[] TEXT = {"%s"};
            }
            """.formatted(text));
        Packages.compile(classes, "sample.Activator", """
            package sample;
            import org.osgi.framework.*;
            public class Activator implements BundleActivator {
                private static final String BOOTED = "org.apache.karaf.features.BootFinished";
                @Override public void start(BundleContext context) throws Exception {
                    System.out.println("BUNDLE " + Text.TEXT[0]);
                    context.addServiceListener(
                            event -> System.out.println("KARAF BOOTED"), "(objectClass=" + BOOTED + ")");
                    if (context.getAllServiceReferences(BOOTED, null) != null) {
                        System.out.println("KARAF BOOTED");
                    }
                }
                @Override public void stop(BundleContext context) {}
            }
            """, framework, classes);
        Files.writeString(
                Files.createDirectories(classes.resolve("META-INF")).resolve("MANIFEST.MF"),
                "Manifest-Version: 1.0\nBundle-ManifestVersion: 2\nBundle-SymbolicName: sample." + name
                        + "\nBundle-Version: 1.0.0\nBundle-Activator: sample.Activator\n"
                        + "Import-Package: org.osgi.framework\n");
        return Packages.zip(classes, jar);
    }

    private void deploy(Path bundle) throws Exception {
        Files.move(bundle, karaf.resolve("deploy").resolve(bundle.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** A KAR: a repository with one feature of one bundle. */
    private Path kar(Path kar, String name, String text) throws Exception {
        Path work = Files.createTempDirectory(directory, "kar");
        Files.writeString(
                Files.createDirectories(work.resolve("META-INF")).resolve("MANIFEST.MF"), "Manifest-Version: 1.0\n");
        Path artifact = work.resolve("repository/sample/" + name + "/1.0.0");
        bundle(Files.createDirectories(artifact).resolve(name + "-1.0.0.jar"), name, text);
        Path feature = work.resolve("repository/sample/" + name + "-features/1.0.0");
        Files.writeString(
                Files.createDirectories(feature).resolve(name + "-features-1.0.0-features.xml"), """
                <features name="%1$s" xmlns="http://karaf.apache.org/xmlns/features/v1.4.0">
                  <feature name="%1$s" version="1.0.0"><bundle>mvn:sample/%1$s/1.0.0</bundle></feature>
                </features>
                """.formatted(name));
        return Packages.zip(work, kar);
    }

    /** Karaf's script switches a security manager on, which Java 24 and later refuse. */
    @HostJdk(value = LOWEST, upTo = KARAF_JDK, with = "felix")
    void kars_signedAsAWhole_runUnderEnforcement_andOthersDoNot(Jdk jdk, String framework) throws Exception {
        prepare(jdk, framework);
        kar(karaf.resolve("deploy/good.kar"), "good", "good");

        try (RunningHost host = start(rollout.audit())) {
            host.await("BUNDLE good");
            host.await("KARAF BOOTED");
            host.await("Registering commands for bundle org.apache.karaf.shell.ssh");
        }
        String report = rollout.signWhatTheReportSays();
        assertTrue(report.contains("/deploy/good.kar"), report);

        Path later = Files.createDirectory(directory.resolve("later"));
        Path flipped = kar(later.resolve("flipped.kar"), "flipped", "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        kar(flipped, "flipped", "flipped");
        Path unsigned = kar(later.resolve("unsigned.kar"), "unsigned", "unsigned");
        Path another = kar(later.resolve("another.kar"), "another", "another");
        rollout.shell("cloacina sign --key release " + another, 0);
        try (RunningHost host = start(rollout.enforce())) {
            host.await("BUNDLE good");
            rollout.assertNothingToReport();

            deploy(unsigned);
            host.await("(?s)unsigned.*PackageRefusedException");
            deploy(flipped);
            host.await("(?s)flipped.*PackageRefusedException");
            deploy(another);
            host.await("BUNDLE another");
            assertFalse(host.output().contains("BUNDLE unsigned"), host::output);
            assertFalse(host.output().contains("BUNDLE flipped"), host::output);
            assertTrue(rollout.loads("package.load.failure").size() >= 2, host::output);
        }
    }

    private void prepare(Jdk jdk, String framework) throws Exception {
        rollout = new Rollout(jdk, directory);
        karaf = Distribution.copy("karaf", directory.resolve("karaf"));
        Path configuration = karaf.resolve("etc/config.properties");
        Files.writeString(
                configuration,
                Files.readString(configuration).replace("karaf.framework=felix", "karaf.framework=" + framework));
    }

    @HostJdk(
            value = LOWEST,
            upTo = KARAF_JDK,
            with = {"felix", "equinox"})
    void bundles_signed_runUnderEnforcement_andOthersDoNot(Jdk jdk, String framework) throws Exception {
        prepare(jdk, framework);
        bundle(karaf.resolve("deploy/good.jar"), "good", "good");

        try (RunningHost host = start(rollout.audit())) {
            host.await("BUNDLE good");
            host.await("KARAF BOOTED");
            host.await("Registering commands for bundle org.apache.karaf.shell.ssh");
        }
        rollout.signWhatTheReportSays();

        Path later = Files.createDirectory(directory.resolve("later"));
        Path flipped = bundle(later.resolve("flipped.jar"), "flipped", "before");
        rollout.shell("cloacina sign --key release " + flipped, 0);
        bundle(flipped, "flipped", "flipped");
        Path unsigned = bundle(later.resolve("unsigned.jar"), "unsigned", "unsigned");
        Path another = bundle(later.resolve("another.jar"), "another", "another");
        rollout.shell("cloacina sign --key release " + another, 0);
        try (RunningHost host = start(rollout.enforce())) {
            host.await("BUNDLE good");
            rollout.assertNothingToReport();

            deploy(unsigned);
            host.await("(?s)file:\\S+/unsigned.jar.*PackageRefusedException");
            deploy(flipped);
            host.await("(?s)file:\\S+/flipped.jar.*PackageRefusedException");
            deploy(another);
            host.await("BUNDLE another");
            assertFalse(host.output().contains("BUNDLE unsigned"), host::output);
            assertFalse(host.output().contains("BUNDLE flipped"), host::output);
            assertTrue(rollout.loads("package.load.failure").size() >= 2, host::output);
        }
    }
}
