// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.cli.Shell.Done;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code --audit logback:FILE}. */
class LogbackOptionTest {

    @RegisterExtension
    final Shell shell = new Shell();

    private final Path home = shell.home;

    private Path configuration(String appender) throws IOException {
        return Files.writeString(
                home.resolve("logback.xml"),
                "<configuration>\n<appender name='F' class='" + appender + "'>\n<file>" + home.resolve("events.log")
                        + "</file>\n<encoder><pattern>%level %msg%n</pattern></encoder>\n</appender>\n"
                        + "<root><appender-ref ref='F'/></root>\n</configuration>\n");
    }

    @Test
    void event_ofACommand_goesToTheAppenders() throws Exception {
        configuration("ch.qos.logback.core.FileAppender");

        shell.run("key", "create", "release", "--audit", "logback:~/logback.xml")
                .with(0);

        String[] words = Files.readString(home.resolve("events.log")).strip().split(" ", 2);
        assertEquals("INFO", words[0]);
        Map<String, Object> event = Shell.json(words[1]);
        assertEquals("key.signing.created", event.get("event_type"));
        assertEquals("release", event.get("key_name"));
    }

    @Test
    void mistakeInTheFile_isStatus2_andNothingIsDone() throws Exception {
        Path file = configuration("no.such.Appender");

        Done done = shell.run("key", "create", "release", "--json", "--audit", "logback:" + file)
                .with(2);

        assertEquals("malformed_audit", done.json().get("error"));
        assertTrue(done.err().contains("the Logback file [" + file + "]: line 2: "), done.err());
        assertTrue(done.err().contains("no.such.Appender"), done.err());
        assertTrue(done.err().contains("nothing was done"), done.err());
        assertFalse(Files.exists(home.resolve(".cloacina/trust.db")));
    }

    @Test
    void fileThatIsNotThere_isStatus2() throws Exception {
        Done done = shell.run("key", "create", "release", "--audit", "logback:" + home.resolve("none.xml"))
                .with(2);

        assertTrue(done.err().contains("there is no Logback file [" + home.resolve("none.xml") + "]"), done.err());
    }

    @Test
    void keyInPlaceOfTheFile_isNotRepeated() throws Exception {
        String key = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=";

        Done done = shell.run("key", "create", "release", "--audit", "logback:" + key)
                .with(2);

        assertFalse(done.toString().contains(key), done::toString);
    }

    @Test
    void doctor_checksTheFile_andStartsNothing() throws Exception {
        shell.variables.put("CLOACINA_AUDIT", "logback:" + configuration("ch.qos.logback.core.FileAppender"));
        assertTrue(shell.run("doctor").out().contains("they go to logback:"));

        Files.writeString(home.resolve("logback.xml"), "<configuration>\n<shutdownHook/></configuration>");
        Done done = shell.run("doctor").with(1);

        assertTrue(done.out().contains("line 2: <shutdownHook> is not for the Logback of an audit log"), done.out());
        assertFalse(Files.exists(home.resolve("events.log")));
    }
}
