// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.settings.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreAddressTest {

    private static final BuildEnvironment PLAIN =
            new BuildEnvironment(Map.of("CLOACINA_DATABASE_URL", ""), Path.of("/home/me"), Path.of("/project"));

    private static Server server(String user, String password) {
        Server server = new Server();
        server.setId("trust");
        server.setUsername(user);
        server.setPassword(password);
        return server;
    }

    @Test
    void address_isTheParameter_elseTheVariable_elseTheFileOfTheCommandLine() throws Exception {
        BuildEnvironment set = new BuildEnvironment(
                Map.of("CLOACINA_DATABASE_URL", "postgres://me:secret@db/trust"), Path.of("/home/me"), Path.of("/p"));

        assertEquals("postgres://db/other", StoreAddress.of(set, "postgres://db/other", null));
        assertEquals("postgres://me:secret@db/trust", StoreAddress.of(set, null, null));
        assertEquals("sqlite:///home/me/.cloacina/trust.db", StoreAddress.of(PLAIN, null, null));
    }

    @Test
    void sqliteFile_isRelativeToTheProject_orToTheHomeDirectory() throws Exception {
        assertEquals("sqlite:///project/trust.db", StoreAddress.of(PLAIN, "sqlite://trust.db", null));
        assertEquals("jdbc:sqlite:/project/trust.db", StoreAddress.of(PLAIN, "jdbc:sqlite:trust.db", null));
        assertEquals("sqlite:///home/me/trust.db", StoreAddress.of(PLAIN, "sqlite://~/trust.db", null));
        assertEquals("sqlite:///srv/trust.db", StoreAddress.of(PLAIN, "sqlite:///srv/trust.db", null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgres://me:tr0mbone@db/trust",
                "postgresql://me:tr0mbone@db/trust",
                "jdbc:postgresql://db/trust?user=me&password=tr0mbone",
                "postgres://me@db/trust?sslpassword=tr0mbone"
            })
    void password_inTheParameter_isRefused_andNotRepeated(String address) {
        String message = assertThrows(MojoExecutionException.class, () -> StoreAddress.of(PLAIN, address, null))
                .getMessage();

        assertTrue(message.contains("<storeServer>"), message);
        assertFalse(message.contains("tr0mbone"), message);
    }

    @Test
    void serverOfTheSettings_givesUserAndPassword_whateverCharactersTheyHave() throws Exception {
        assertEquals(
                "postgres://db/trust?user=me&password=a%26b%3D+%2F%3F",
                StoreAddress.of(PLAIN, "postgres://db/trust", server("me", "a&b= /?")));
        assertEquals(
                "postgres://me@db/trust?sslmode=require&password=x",
                StoreAddress.of(PLAIN, "postgres://me@db/trust?sslmode=require", server(null, "x")));
    }

    @Test
    void serverOfTheSettings_forAnSqliteFile_isRefused() {
        String message = assertThrows(
                        MojoExecutionException.class,
                        () -> StoreAddress.of(PLAIN, "sqlite://trust.db", server("me", "tr0mbone")))
                .getMessage();

        assertTrue(message.contains("SQLite file, which has no password"), message);
        assertFalse(message.contains("tr0mbone"), message);
    }
}
