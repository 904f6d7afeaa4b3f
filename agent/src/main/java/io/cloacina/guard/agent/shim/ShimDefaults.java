// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.shim;

import java.text.NumberFormat;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.TimeZone;
import java.util.function.Supplier;
import org.bouncycastle.crypto.CryptoServiceProperties;
import org.jspecify.annotations.Nullable;
import org.sqlite.date.FastDateFormat;
import org.sqlite.util.Logger;

/** Replaces single static methods. */
public final class ShimDefaults {

    private ShimDefaults() {}

    /**
     * For {@code TimeZone.getDefault()}, which reads the property {@code user.timezone} once and for all.
     *
     * @return UTC, in which everything in the trust store is
     */
    public static TimeZone getDefault() {
        return TimeZone.getTimeZone("UTC");
    }

    /**
     * For {@code ZoneId.systemDefault()}, which does the same.
     *
     * @return UTC, also for what Logback writes and for when it rolls a file over
     */
    public static ZoneId systemDefault() {
        return ZoneOffset.UTC;
    }

    /**
     * For {@code FastDateFormat.getInstance(pattern)}, which SQLite's driver calls for every connection, and which has
     * the JDK look for the data of the default locale.
     *
     * @return null: the guard reads and writes times as text, and no other format is asked for
     */
    public static @Nullable FastDateFormat getInstance(String pattern) {
        return null;
    }

    /**
     * For {@code NumberFormat.getIntegerInstance()}, with which PostgreSQL's driver reads the version of a server, and
     * which has the JDK look for the data of the default locale.
     *
     * @return reads ASCII digits, and writes nothing
     */
    public static NumberFormat getIntegerInstance() {
        return new PlainDigits();
    }

    /**
     * For {@code CryptoServicesRegistrar.checkConstraints(properties)} of Bouncy Castle, which every digest calls: its
     * class makes parameters of DSA and Diffie-Hellman and properties of all kinds, and the guard sets no constraints.
     */
    public static void checkConstraints(CryptoServiceProperties properties) {}

    /**
     * For {@code Class.forName(name, true, loader)}, by which PostgreSQL's driver looks for the security manager.
     *
     * @throws ClassNotFoundException always: the driver then does without
     */
    public static Class<?> forName(String name, boolean initialize, @Nullable ClassLoader loader)
            throws ClassNotFoundException {
        throw new ClassNotFoundException(name);
    }

    /**
     * For {@code LoggerFactory.getLogger(type)} of SQLite's driver, which has SLF4J search for something to log with.
     */
    public static Logger getLogger(Class<?> type) {
        return new NoLogger();
    }

    private static final class NoLogger implements Logger {
        @Override
        public void trace(Supplier<String> message) {}

        @Override
        public void info(Supplier<String> message) {}

        @Override
        public void warn(Supplier<String> message) {}

        @Override
        public void error(Supplier<String> message, Throwable thrown) {}
    }
}
