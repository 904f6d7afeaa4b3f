// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.audit;

import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.text.KeyText;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens sinks by the names that configuration uses: {@code stderr}, {@code stdout}, {@code file:PATH},
 * {@code syslog:udp://HOST:PORT}, {@code syslog:tcp://HOST:PORT}, {@code logback:FILE}.
 */
public final class AuditSinks {

    static final String STDERR = "stderr";

    private static final String STDOUT = "stdout";
    private static final String FILE = "file:";
    private static final String LOGBACK = "logback:";
    private static final String UDP = "syslog:udp://";
    private static final String TCP = "syslog:tcp://";
    private static final int HIGHEST_PORT = 65_535;

    private AuditSinks() {}

    /**
     * Opens all of them, or none. A syslog server is not asked for yet.
     *
     * @throws SinkConfigurationException if the file of a Logback is not what it must be
     * @throws IOException if a file cannot be opened for appending
     */
    static List<AuditSink> open(List<String> names, AuditSettings settings, @Nullable Object configurationDigest)
            throws IOException {
        List<AuditSink> sinks = new ArrayList<>();
        boolean done = false;
        try {
            for (String name : names) {
                sinks.add(open(name, settings, configurationDigest));
            }
            done = true;
            return sinks;
        } finally {
            if (!done) {
                for (AuditSink sink : sinks) {
                    sink.close();
                }
            }
        }
    }

    /**
     * @return {@code name}
     * @throws IllegalArgumentException if it is not the name of a sink
     */
    public static String requireName(String name) {
        boolean known = name.equals(STDERR)
                || name.equals(STDOUT)
                || name.startsWith(FILE) && name.length() > FILE.length()
                || name.startsWith(LOGBACK) && name.length() > LOGBACK.length()
                || name.startsWith(UDP) && isAddress(name.substring(UDP.length()))
                || name.startsWith(TCP) && isAddress(name.substring(TCP.length()));
        if (!known) {
            throw new IllegalArgumentException(
                    "not stderr, stdout, file:PATH, syslog:udp://HOST:PORT, syslog:tcp://HOST:PORT or logback:FILE: ["
                            + KeyText.shown(name) + "]");
        }
        boolean isFile = name.startsWith(FILE) || name.startsWith(LOGBACK);
        if (isFile && GivenFile.isKey(name.substring(name.indexOf(':') + 1))) {
            throw new IllegalArgumentException(GivenFile.KEY_GIVEN);
        }
        return name;
    }

    private static boolean isAddress(String text) {
        int colon = text.lastIndexOf(':');
        boolean bracketed = text.startsWith("[") && text.charAt(Math.max(0, colon - 1)) == ']';
        if (colon < 1 || text.indexOf(':') != colon && !bracketed) {
            return false;
        }
        for (int i = 0; i < colon; i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '/' || c == '@' || c == '?') {
                return false;
            }
        }
        return port(text) > 0;
    }

    /** 0 if there is none. */
    private static int port(String address) {
        String digits = address.substring(address.lastIndexOf(':') + 1);
        int port = 0;
        for (int i = 0; i < digits.length() && port <= HIGHEST_PORT; i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') {
                return 0;
            }
            port = 10 * port + c - '0';
        }
        return port > HIGHEST_PORT ? 0 : port;
    }

    private static String host(String address) {
        String host = address.substring(0, address.lastIndexOf(':'));
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** The descriptor itself: what an application does to {@code System.err} is not our business. */
    static AuditSink stderr() {
        return new StreamSink(STDERR, new FileOutputStream(FileDescriptor.err));
    }

    private static AuditSink open(String name, AuditSettings settings, @Nullable Object configurationDigest)
            throws IOException {
        if (requireName(name).equals(STDERR)) {
            return stderr();
        }
        if (name.equals(STDOUT)) {
            return new StreamSink(name, new FileOutputStream(FileDescriptor.out));
        }
        if (name.startsWith(FILE)) {
            Path file = Path.of(name.substring(FILE.length()));
            return Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file)
                    ? new StreamSink(name, file)
                    : ChainedFile.open(name, file, settings, configurationDigest);
        }
        if (name.startsWith(LOGBACK)) {
            return logback(name, settings);
        }
        boolean udp = name.startsWith(UDP);
        String address = name.substring(udp ? UDP.length() : TCP.length());
        return udp
                ? new SyslogUdp(name, host(address), port(address))
                : new SyslogTcp(name, host(address), port(address), settings.sinkTimeoutNanos());
    }

    private static AuditSink logback(String name, AuditSettings settings) throws SinkConfigurationException {
        try {
            return LogbackSink.open(name, Path.of(name.substring(LOGBACK.length())), settings);
        } catch (NoClassDefFoundError e) {
            throw withoutLogback(name, e);
        }
    }

    /** Both are for the application that embeds the guard to bring. */
    private static SinkConfigurationException withoutLogback(String name, NoClassDefFoundError e) {
        return new SinkConfigurationException(
                "[" + name + "] needs ch.qos.logback:logback-classic and the module java.xml: " + e, e);
    }

    /**
     * Checks what a sink is configured by, and opens nothing.
     *
     * @param name as {@link #requireName} lets pass
     * @throws SinkConfigurationException if the file of a Logback is not what it must be
     */
    public static void check(String name) throws SinkConfigurationException {
        if (!name.startsWith(LOGBACK)) {
            return;
        }
        try {
            LogbackSink.check(Path.of(name.substring(LOGBACK.length())));
        } catch (NoClassDefFoundError e) {
            throw withoutLogback(name, e);
        }
    }
}
