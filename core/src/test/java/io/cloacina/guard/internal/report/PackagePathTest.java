// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagePathTest {

    @ParameterizedTest
    @CsvSource({
        "/srv//a/./b/../c.jar, /srv/a/c.jar",
        "/srv/a/, /srv/a",
        "/, /",
        "/../a.jar, /a.jar",
        "/srv/.hidden/a.jar, /srv/.hidden/a.jar",
        "/srv/a..jar, /srv/a..jar",
        "jar:file:/srv//a.jar!/, jar:file:/srv//a.jar!/",
        "p.A, p.A",
    })
    void normalised_isOneSpelling(String path, String normal) {
        assertEquals(normal, PackagePath.normalised(path));
    }

    @Test
    void normalised_dotsBehindALinkThatLeadElsewhere_stay(@TempDir Path directory) throws Exception {
        Path bin = Files.createDirectories(directory.resolve("releases/5/bin"));
        Files.createDirectory(bin.resolveSibling("lib"));
        Files.writeString(bin.resolveSibling("lib").resolve("a.jar"), "");
        Files.createSymbolicLink(directory.resolve("bin"), bin);
        String path = directory + "/bin/../lib/a.jar";

        assertEquals(path, PackagePath.normalised(path));
    }

    @ParameterizedTest
    @CsvSource({
        "/tmp/n1234567890123.so, true, /tmp/n*.so",
        "/tmp/jetty-0_0_0_0-8080-app_war-_app-any-1234567/webapp/a.jar, true,"
                + " /tmp/jetty-0_0_0_0-8080-app_war-_app-any-*/webapp/a.jar",
        "/var/tmp/sqlite-3.46.0.0-0f8fad5b-d9cb-469f-a165-70867728950e-libsqlitejdbc.so, true,"
                + " /var/tmp/sqlite-3.46.0.0-*-libsqlitejdbc.so",
        "/tmp/tmp.F7y5Vdbw59/lib, true, /tmp/tmp.*/lib",
        "/opt/host/tmp/vfs/temp/temp123456789abcdef/a.jar, true, /opt/host/tmp/vfs/temp/temp*abcdef/a.jar",
        "/opt/host/content/0f8fad5b-d9cb-469f-a165-70867728950e/a.jar, true, /opt/host/content/*/a.jar",
        "/opt/repository/commons-io/20030203.000550/commons-io-20030203.000550.jar, false,"
                + " /opt/repository/commons-io/20030203.000550/commons-io-20030203.000550.jar",
        "/opt/app/Log4j2Config.jar, false, /opt/app/Log4j2Config.jar",
        "/tmp/Log4j2Config.jar, true, /tmp/Log4j2Config.jar",
        "/opt/[a].jar, false, /opt/\\[a\\].jar",
    })
    void glob_hasAStarForWhatIsRandomOnly(String path, boolean temporary, String glob) {
        assertEquals(temporary, PackagePath.isTemporary(path));
        assertEquals(glob, PackagePath.glob(path));
    }

    @ParameterizedTest
    @CsvSource({
        "/srv/release-1/plugin-1.0.jar, plugin-1.0.jar",
        "mvn:org.example/plugin/1.0, plugin-1.0.jar",
        "jar:file:/x/plugin.jar!/, plugin.jar",
        "/tmp/n123456.so, n*.so",
        "/opt/plugin-20030203.jar, plugin-20030203.jar",
    })
    void twinName_isWhatPackagesThatReplaceEachOtherShare(String path, String name) {
        assertEquals(name, PackagePath.twinName(path));
    }
}
