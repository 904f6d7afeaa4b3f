// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.PackageSecurity;
import io.cloacina.guard.SecurityConfig;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store in PostgreSQL, whose password is in {@code settings.xml}. */
class SettingsServerIT {

    private static final UUID ORG = UUID.fromString("6f1c1c5e-0b53-4f6e-9d36-0a4ea7a5f3c1");
    private static final String PASSWORD = "tr0m&bone =/?";

    /** {@link #PASSWORD} in an address, and in XML. */
    private static final String IN_ADDRESS = "tr0m%26bone%20%3D%2F%3F";

    private static final String IN_XML = "tr0m&amp;bone =/?";

    @TempDir
    private Path directory;

    private Path settings(String name, String password) throws Exception {
        return Files.writeString(directory.resolve(name), """
            <settings>
              <servers>
                <server>
                  <id>trust</id>
                  <username>signer</username>
                  <password>%s</password>
                </server>
              </servers>
            </settings>
            """.formatted(password));
    }

    /** A server that asks the role for its password. */
    private EmbeddedPostgres server() throws Exception {
        Path data = directory.resolve("data");
        EmbeddedPostgres server = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setServerConfig("fsync", "off")
                .start();
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE signer LOGIN PASSWORD '" + PASSWORD + "'");
            statement.execute("CREATE DATABASE trust OWNER signer");
            Path rules = data.resolve("pg_hba.conf");
            Files.writeString(rules, "host all signer all scram-sha-256\n" + Files.readString(rules));
            statement.execute("SELECT pg_reload_conf()");
        }
        return server;
    }

    @Test
    void keyAndTrust_inPostgresql_areUsedWithThePasswordOfTheSettings_andWithNoOther() throws Exception {
        Path kek = Files.writeString(directory.resolve("kek"), "00112233445566778899aabbccddeeff".repeat(2));
        try (EmbeddedPostgres server = server()) {
            String place = "localhost:" + server.getPort() + "/trust";
            try (PackageSecurity security = SecurityConfig.builder()
                    .store("postgres://signer:" + IN_ADDRESS + "@" + place)
                    .organisation(ORG)
                    .keyEncryptionKeyFile(kek)
                    .create()) {
                security.keys().create("nightly");
                security.trust().addOwn("nightly");
            }
            String common = "<store>postgres://" + place + "</store><storeServer>trust</storeServer><organisation>"
                    + ORG + "</organisation>";
            Path project = new Reactor(directory.resolve("project"), "")
                    .module("good", """
                            <build><plugins>%s</plugins></build>
                            """.formatted(Reactor.guard(
                            Reactor.goal("sign", common + "<key>nightly</key><kekFile>" + kek + "</kekFile>"),
                            Reactor.goal("verify", common))))
                    .write();
            MavenBuild maven = new MavenBuild(directory);

            MavenBuild.Result good = maven.run(project, "-s", "" + settings("good.xml", IN_XML), "verify");
            good.succeeded().says(", stored, good-1.jar.sig").says("[1] packages are signed by trusted keys");

            MavenBuild.Result bad = maven.run(project, "-s", "" + settings("bad.xml", "saxoph0ne"), "package")
                    .failed();
            bad.says("password authentication failed");
            assertFalse(good.output().contains("tr0m") || bad.output().contains("saxoph0ne"), bad.output());
            assertTrue(Files.exists(maven.home().resolve(".cloacina/audit.jsonl")));
            assertFalse(Files.readString(maven.home().resolve(".cloacina/audit.jsonl"))
                    .contains("saxoph0ne"));
        }
    }
}
