// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.forked;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.forked.GuardedJvm.Result;
import io.cloacina.guard.agent.forked.Jdks.Jdk;
import io.cloacina.guard.agent.hosts.ContainedHost;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.RegisterExtension;

/** One signature on what is shipped: classes under URLs of the host's own, and what hosts unpack. */
class ContainedIT {

    private static final String CLASSES = "WEB-INF/classes/";
    private static final String LIBRARY = "WEB-INF/lib/library.jar";
    private static final String PLUGIN = "sample/Plugin.class";
    private static final String LATE = "sample/Late.class";

    @RegisterExtension
    final Fixture fixture = new Fixture();

    private final Packages packages = fixture.packages();
    private final Path marker = fixture.file("evil-marker");
    private final Path war = fixture.file("shipped/hello.war");
    private Path evil;

    /** A web application: classes, and one library. */
    @BeforeEach
    void prepare() throws Exception {
        evil = packages.jar("evil.jar", marker, "evil");
        Path library = packages.jar("library.jar", fixture.file("marker"), "good");
        Path classes = fixture.newDirectory("web-classes");
        Packages.compile(classes, "web.Page", "package web; public class Page {}");
        Packages.compile(classes, "web.Data", "package web; public class Data {}");
        fixture.newDirectory("shipped");
        try (OutputStream out = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, CLASSES + "web/Page.class", Files.readAllBytes(classes.resolve("web/Page.class")));
            put(zip, CLASSES + "page.txt", "text".getBytes());
            put(zip, "examples/page.txt", "other text".getBytes());
            put(zip, "data/Other.class", Files.readAllBytes(classes.resolve("web/Data.class")));
            put(zip, LIBRARY, Files.readAllBytes(library));
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
    }

    private Result run(GuardedJvm jvm, String... commands) throws Exception {
        Result result = jvm.run(ContainedHost.class, (Object[]) commands);
        assertEquals(0, result.status(), result::toString);
        assertFalse(Files.exists(marker), result::toString);
        return result;
    }

    private static void assertLine(Result result, int number, String start) {
        String line = result.out().split("\n")[number];
        assertTrue(line.startsWith(start), () -> "line " + number + " is not " + start + "\n" + result);
    }

    private static void assertRefused(Result result, int number, String reason) {
        assertLine(result, number, "REFUSED ");
        String line = result.out().split("\n")[number];
        assertTrue(line.contains("(" + reason + ")"), () -> "line " + number + " is not for " + reason + "\n" + result);
    }

    private String page(String loader, String url) {
        return "define " + loader + " " + url + " web.Page " + war + " " + CLASSES + "web/Page.class";
    }

    private String library(String loader, String url, String entry) {
        String name = entry.substring(0, entry.indexOf('.')).replace('/', '.');
        return "define " + loader + " " + url + " " + name + " " + war + " " + LIBRARY + " " + entry;
    }

    @EachJdk
    void classes_underUrlsOfTheHost_loadFromTheSignedArchiveThatItOpened(Jdk jdk) throws Exception {
        packages.sign(war);

        Result result = run(
                fixture.enforcing(jdk),
                page("early", "vfs:/content/hello.war/" + CLASSES),
                "open " + war,
                page("one", "vfs:/content/hello.war/" + CLASSES),
                library("one", "vfs:/content/hello.war/" + LIBRARY, PLUGIN),
                library("one", "vfs:/content/hello.war/" + LIBRARY, LATE),
                page("two", "jar:bundle://1f0a_4.0:0/!/"),
                library("two", "jar:bundle://1f0a_4.0:0/!/", PLUGIN),
                library("three", "war:file:" + war + "*/" + LIBRARY, PLUGIN),
                page("four", "file:/made-up-by-a-host/page"),
                // An entry with another name, under an origin whose classes may be generated ones.
                "define one vfs:/content/hello.war/" + CLASSES + " web.Data " + war + " data/Other.class");

        assertRefused(result, 0, "signature_not_found");
        for (int line : new int[] {2, 3, 4, 5, 6, 7, 8}) {
            assertLine(result, line, "LOADED");
        }
        assertRefused(result, 9, "tampered_package");
        List<LoggedEvent> loads = result.events("package.load.success");
        assertEquals(4, loads.size(), result::toString);
        for (LoggedEvent event : loads) {
            event.assertHas("package_path", war, "signature_verified", true);
        }
        loads.get(0).assertHas("covered_by", war);
    }

    @EachJdk
    void archive_openedAsAFileSystem_covers(Jdk jdk) throws Exception {
        packages.sign(war);

        Result result = run(fixture.enforcing(jdk), "mount " + war, page("one", "mvn:group/hello/1"));

        assertLine(result, 1, "LOADED");
        result.events("package.load.success").get(0).assertHas("covered_by", war);
    }

    @EachJdk
    void equalContent_thatIsNotTheClassOfAVerifiedArchive_isRefused(Jdk jdk) throws Exception {
        packages.sign(war);
        String vfs = "vfs:/content/hello.war/" + CLASSES;

        Result result = run(
                fixture.enforcing(jdk).set("cloacina.dynamic_code", "deny"),
                "open " + war,
                "open " + evil,
                // An entry with another name.
                "define one mvn:group/data/1 web.Data " + war + " data/Other.class",
                // An archive that does not verify.
                "define two " + vfs + " sample.Plugin " + evil + " " + PLUGIN,
                page("three", vfs),
                // The same under an origin that a verified archive has classes from.
                "define three " + vfs + " sample.Plugin " + evil + " " + PLUGIN,
                // Without an origin, too.
                page("four", "none"),
                "define four none sample.Plugin " + evil + " " + PLUGIN,
                // Another class of the name.
                "define five none sample.Plugin " + evil + " " + LATE);

        assertRefused(result, 2, "tampered_package");
        assertRefused(result, 3, "signature_not_found");
        assertLine(result, 4, "LOADED");
        assertRefused(result, 5, "signature_not_found");
        assertLine(result, 6, "LOADED");
        assertRefused(result, 7, "dynamic_code");
        assertRefused(result, 8, "dynamic_code");
        result.events("package.load.failure").get(1).assertHas("package_path", evil);
    }

    /** Nobody but the guard opens it, and for no more than to look for the class in it. */
    @EachJdk
    void replacedArchive_whichTheGuardLooksInto_isNotDecidedOn(Jdk jdk) throws Exception {
        Path jar = packages.jar("odd.jar", fixture.file("good-marker"), "good");
        // With something behind its end, java.util.zip reads it and the guard's own reader does not.
        Files.write(jar, new byte[1], StandardOpenOption.APPEND);
        packages.sign(jar);
        Files.write(evil, new byte[1], StandardOpenOption.APPEND);

        Result result = run(
                fixture.enforcing(jdk),
                "load sample.Plugin " + jar,
                "replace " + evil + " " + jar,
                page("one", "mvn:group/hello/1"));

        assertLine(result, 0, "LOADED");
        assertRefused(result, 2, "signature_not_found");
        assertEquals(1, result.events("package.load.failure").size(), result::toString);
    }

    /** What lies elsewhere in the archive was signed for that place. */
    @EachJdk
    void directory_withAFileOfAnotherOneInTheArchive_isRefused(Jdk jdk) throws Exception {
        packages.sign(war);
        Path classes = fixture.file("unpacked/classes");

        Result result = run(
                fixture.enforcing(jdk),
                "unpack " + war + " " + CLASSES + " " + classes,
                "load web.Page " + classes,
                "unpack " + war + " examples/page.txt " + classes.resolve("page.txt"),
                "load web.Page " + classes);

        assertLine(result, 1, "LOADED");
        assertRefused(result, 3, "signature_not_found");
    }

    /** Equal bytes in an exempt archive say nothing about where a class comes from; a name does. */
    @EachJdk
    void exemptArchive_coversOnlyClassesThatNameIt(Jdk jdk) throws Exception {
        Path dropped = fixture.file("server/deployments/hello.war");
        Files.createDirectories(dropped.getParent());
        Files.copy(war, dropped);
        String vfs = "vfs:/content/hello.war/" + CLASSES;
        String exempt = fixture.directory().toRealPath() + "/shipped/**,"
                + fixture.directory().toRealPath() + "/server/deployments/**";

        Result result = run(
                fixture.enforcing(jdk).set("cloacina.exempt", exempt),
                "open " + war,
                page("one", vfs),
                page("one", "jar:bundle://1f0a_4.0:0/!/"),
                "open " + dropped,
                page("two", "vfs:/content/other.war/" + CLASSES),
                page("two", vfs),
                page("three", "war:file:" + war + "*/" + CLASSES));

        assertRefused(result, 1, "signature_not_found");
        assertRefused(result, 2, "signature_not_found");
        assertRefused(result, 4, "signature_not_found");
        assertLine(result, 5, "LOADED");
        assertLine(result, 6, "LOADED");
        assertEquals(2, result.events("package.load.success").size(), result::toString);
    }

    /** An unsigned package can hold a class of a signed one, which loads. The JVM need not see the package opened. */
    @EachJdk
    void classOfASignedArchive_letsNoOtherClassOfItsUrlIn_butGeneratedOnes(Jdk jdk) throws Exception {
        packages.sign(war);
        String bundle = "jar:bundle://1f0a_7.0:0/!/";
        Path unsigned = fixture.file("unsigned.jar");
        Path classes = fixture.newDirectory("unsigned-classes");
        Packages.compile(classes, "web.Foreign", "package web; public class Foreign {}");
        Packages.compile(classes, "web.Proxy", "package web; public class Proxy {}");
        try (OutputStream out = Files.newOutputStream(unsigned);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "web/Foreign.class", Files.readAllBytes(classes.resolve("web/Foreign.class")));
            put(zip, "web/Proxy.class", Files.readAllBytes(classes.resolve("web/Proxy.class")));
        }

        Result result = run(
                fixture.enforcing(jdk),
                "open " + war,
                "find one " + bundle + " web.Page " + war + " " + CLASSES,
                "find one " + bundle + " web.Foreign " + unsigned,
                "define one " + bundle + " web.Proxy " + unsigned + " web/Proxy.class");

        assertLine(result, 1, "LOADED");
        assertRefused(result, 2, "signature_not_found");
        assertLine(result, 3, "LOADED");
    }

    @EachJdk
    void archive_replacedAfterItWasVerified_coversWhatWasVerifiedOnly(Jdk jdk) throws Exception {
        Path jar = packages.sign(packages.jar("plugin.jar", fixture.file("good-marker"), "good"));
        String own = "define one mvn:group/plugin/1 sample.Plugin " + jar + " " + PLUGIN;

        Result result = run(
                fixture.enforcing(jdk),
                "open " + jar,
                own,
                "replace " + evil + " " + jar,
                "define one mvn:group/plugin/1 sample.Late " + jar + " " + LATE,
                "open " + jar,
                own.replace(" one ", " two "));

        assertLine(result, 1, "LOADED");
        assertRefused(result, 3, "tampered_package");
        assertRefused(result, 5, "tampered_package");
    }

    @EachJdk
    void unpackedFiles_areCoveredByTheSignedArchive_andChangedOnesAreNot(Jdk jdk) throws Exception {
        packages.sign(war);
        Path out = fixture.newDirectory("unpacked");
        Path jar = out.resolve("temporary-4711.jar");
        Path changed = out.resolve("changed");

        Result result = run(
                fixture.enforcing(jdk),
                "unpack " + war + " " + LIBRARY + " " + jar,
                "unpack " + war + " " + CLASSES + " " + out.resolve("classes"),
                "unpack " + war + " " + CLASSES + " " + changed,
                "replace " + evil + " " + changed.resolve("added.class"),
                "load sample.Plugin " + jar,
                "load web.Page " + out.resolve("classes"),
                "load web.Page " + changed,
                "replace " + evil + " " + out.resolve("other.jar"),
                "load sample.Plugin " + out.resolve("other.jar"));

        assertLine(result, 4, "LOADED");
        assertLine(result, 5, "LOADED");
        assertRefused(result, 6, "signature_not_found");
        assertRefused(result, 8, "signature_not_found");
        List<LoggedEvent> loads = result.events("package.load.success");
        assertEquals(2, loads.size(), result::toString);
        for (LoggedEvent event : loads) {
            event.assertHas("covered_by", war, "signature_verified", true);
        }
        loads.get(0).assertHas("package_path", jar);
    }

    /** As a host finds it that was started again: nothing opens the archive any more. */
    @EachJdk
    void filesUnpackedBefore_areCoveredByTheArchiveBesideTheirDirectory(Jdk jdk) throws Exception {
        packages.sign(war);
        Path directory = war.resolveSibling("hello");
        ContainedHost.main(new String[] {"unpack " + war + " WEB-INF/ " + directory.resolve("WEB-INF")});

        Result result = run(
                fixture.enforcing(jdk),
                "load sample.Plugin " + directory.resolve(LIBRARY),
                "load web.Page " + directory.resolve(CLASSES));

        assertLine(result, 0, "LOADED");
        assertLine(result, 1, "LOADED");
    }

    @EachJdk
    void unsignedArchive_coversInAuditMode_andIsWhatTheEventsName(Jdk jdk) throws Exception {
        Path jar = fixture.file("unpacked.jar");
        String[] commands = {
            "unpack " + war + " " + LIBRARY + " " + jar,
            "load sample.Plugin " + jar,
            page("one", "vfs:/content/hello.war/" + CLASSES)
        };

        Result audit = run(fixture.jvm(jdk).set("cloacina.trusted_keys", packages.publicKeyFile()), commands);
        Result enforced = run(fixture.enforcing(jdk), commands);

        assertLine(audit, 1, "LOADED");
        assertLine(audit, 2, "LOADED");
        List<LoggedEvent> loads = audit.events("package.load.success");
        assertEquals(3, loads.size(), audit::toString);
        loads.get(0).assertHas("package_path", war, "failure_reason", "signature_not_found");
        loads.get(1).assertHas("package_path", jar, "covered_by", war, "signature_verified", false);
        loads.get(1).assertLacks("failure_reason");
        loads.get(2).assertHas("package_path", war);

        assertRefused(enforced, 1, "signature_not_found");
        assertRefused(enforced, 2, "signature_not_found");
        List<LoggedEvent> failures = enforced.events("package.load.failure");
        failures.get(0).assertHas("package_path", jar, "covered_by", war);
        assertTrue(enforced.out().contains("sign --private-key KEY.pem " + war), enforced::toString);
        failures.get(1).assertHas("package_path", war);
    }
}
