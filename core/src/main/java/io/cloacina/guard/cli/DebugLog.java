// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import java.io.PrintStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What {@code --debug} shows: the lines that JDBI and SQLite's driver log by SLF4J and PostgreSQL's by
 * {@code java.util.logging}, on standard error. A password or a key is never among them: what is known to be one is
 * masked wherever it stands, and so is what stands where one would.
 *
 * <p>Safe for use by many threads.
 */
final class DebugLog {

    private static final String MASK = "***";

    /** A shorter one would mask most of what is said; the patterns still find it where it stands as a password. */
    private static final int SHORTEST_LITERAL = 4;

    private static final Pattern NAMED =
            Pattern.compile("(?i)((?:pass(?:word|wd|phrase)?|pwd|secret|token)\"?'?\\s*[=:]\\s*)[^&\\s,;)}\\]]+");

    /** In an address; up to the last @, because a password may hold one. */
    private static final Pattern IN_ADDRESS = Pattern.compile("(://[^/@:\\s]*:)\\S*@");

    private static final Pattern SECRET_VARIABLE = Pattern.compile("(?i).*(PASS|SECRET|TOKEN|KEY_ENCRYPTION_KEY).*");

    /** A statement, as PostgreSQL's driver logs what it sends. */
    private static final Pattern STATEMENT = Pattern.compile(
            "(?s) FE=> (?:Parse\\(stmt=[^,]*,query|SimpleQuery\\(query)=\"(.*)\"(?:,oids=\\{.*\\})?\\)");

    private static @Nullable DebugLog current;

    /** Held, because a logger that nothing holds forgets its level. */
    private final Logger postgres = Logger.getLogger("org.postgresql");

    private final Logger statements = Logger.getLogger(postgres.getName() + ".core.v3.QueryExecutorImpl");

    private final PrintStream err;
    private final List<String> secrets = new ArrayList<>();

    private DebugLog(PrintStream err) {
        this.err = err;
    }

    /**
     * Shows nothing by itself.
     *
     * @param variables of the environment: those that are named like secrets, and the passwords of addresses, are
     * masked
     * @param address of the store as an option gives it; null if none does
     */
    static DebugLog of(PrintStream err, Map<String, String> variables, @Nullable String address) {
        DebugLog log = new DebugLog(err);
        variables.forEach((name, value) -> {
            if (SECRET_VARIABLE.matcher(name).matches()) {
                log.hide(value);
            }
            log.hidePasswordOf(value);
        });
        log.hidePasswordOf(address);
        // The longest first, so that none is shown in part.
        log.secrets.sort(Comparator.comparingInt(String::length).reversed());
        return log;
    }

    /** Begins to show what libraries log, if none of them has logged in this JVM yet. */
    void start() {
        setCurrent(this);
        System.setProperty("slf4j.provider", DebugProvider.class.getName());
        System.setProperty("slf4j.internal.verbosity", "WARN");
        postgres.setUseParentHandlers(false);
        // Not FINEST, where the driver shows what goes over the wire: of that, statements and nothing else.
        postgres.setLevel(Level.FINE);
        statements.setLevel(Level.FINEST);
        postgres.addHandler(new FromDriver());
    }

    private static synchronized void setCurrent(DebugLog log) {
        current = log;
    }

    /** The one that was started last; one was, where libraries log to it. */
    static synchronized DebugLog current() {
        return Objects.requireNonNull(current);
    }

    private void hidePasswordOf(@Nullable String address) {
        if (address == null) {
            return;
        }
        Matcher inAddress = Pattern.compile("://[^/@:\\s]*:(\\S*)@").matcher(address);
        if (inAddress.find()) {
            hide(inAddress.group(1));
        }
        Matcher parameter =
                Pattern.compile("(?i)[?&;](?:ssl)?password=([^&\\s]+)").matcher(address);
        while (parameter.find()) {
            hide(parameter.group(1));
        }
    }

    private void hide(String secret) {
        if (secret.length() < SHORTEST_LITERAL) {
            return;
        }
        secrets.add(secret);
        try {
            String decoded = URLDecoder.decode(secret.replace("+", "%2B"), StandardCharsets.UTF_8);
            if (!decoded.equals(secret) && decoded.length() >= SHORTEST_LITERAL) {
                secrets.add(decoded);
            }
        } catch (IllegalArgumentException e) {
            // It is not encoded.
        }
    }

    /** {@code text} without secrets. */
    String masked(String text) {
        String masked = text;
        for (String secret : secrets) {
            masked = masked.replace(secret, MASK);
        }
        masked = IN_ADDRESS.matcher(masked).replaceAll("$1" + MASK + "@");
        masked = NAMED.matcher(masked).replaceAll("$1" + MASK);
        return KeyText.shown(masked);
    }

    /** Shows a line, and those of a stack trace that may follow. */
    synchronized void say(String level, String logger, String text) {
        for (String line : masked(text).split("\\R", 0)) {
            err.println(
                    "cloacina: debug: " + level.toLowerCase(Locale.ROOT) + " " + logger + ": " + Printable.of(line));
        }
    }

    private final class FromDriver extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        FromDriver() {
            setLevel(Level.ALL);
        }

        @Override
        public void publish(LogRecord logged) {
            Throwable thrown = logged.getThrown();
            String text = formatter.formatMessage(logged);
            if (logged.getLevel().intValue() < Level.FINE.intValue()) {
                Matcher statement = STATEMENT.matcher(text);
                if (statement.matches()) {
                    say("fine", "org.postgresql", statement.group(1).strip().replaceAll("\\s+", " "));
                }
                return;
            }
            say(logged.getLevel().getName(), logged.getLoggerName(), thrown == null ? text : text + ": " + thrown);
        }

        @Override
        public void flush() {
            err.flush();
        }

        @Override
        public void close() {
            flush();
        }
    }
}
