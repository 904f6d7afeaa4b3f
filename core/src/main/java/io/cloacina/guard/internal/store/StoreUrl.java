// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.text.KeyText;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The address of a trust store: {@code jdbc:sqlite:PATH}, {@code sqlite://PATH}, {@code jdbc:postgresql:…},
 * {@code postgres://user:password@host:port/database} or {@code postgresql://…}.
 *
 * <p>Immutable. Its text form names user, host and database, never a password and no parameter.
 */
public final class StoreUrl {

    private static final String JDBC = "jdbc:";
    private static final String SQLITE = "sqlite:";
    private static final String FORMS = "a store address is jdbc:sqlite:PATH, sqlite://PATH, jdbc:postgresql://…,"
            + " postgres://user:password@host:port/database or postgresql://…";

    private final Dialect dialect;
    private final @Nullable Path file;
    private final @Nullable String jdbcUrl;
    private final NavigableMap<String, String> parameters;
    private final String shown;

    private StoreUrl(
            Dialect dialect,
            @Nullable Path file,
            @Nullable String jdbcUrl,
            NavigableMap<String, String> parameters,
            String shown) {
        this.dialect = dialect;
        this.file = file;
        this.jdbcUrl = jdbcUrl;
        this.parameters = parameters;
        this.shown = shown;
    }

    /**
     * @throws IllegalArgumentException if it is none of the forms; the message says what is wrong without repeating
     *     what may be a password
     */
    public static StoreUrl parse(String text) {
        String address = text.strip();
        boolean jdbc = startsWith(address, JDBC);
        String rest = jdbc ? address.substring(JDBC.length()) : address;
        if (startsWith(rest, SQLITE)) {
            return sqlite(rest.substring(SQLITE.length()), jdbc);
        }
        for (String scheme : new String[] {"postgresql:", "postgres:"}) {
            if (startsWith(rest, scheme)) {
                return postgresql(rest.substring(scheme.length()), jdbc);
            }
        }
        throw new IllegalArgumentException(FORMS);
    }

    /** The store in an SQLite file. */
    public static StoreUrl ofFile(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return new StoreUrl(Dialect.SQLITE, absolute, null, new TreeMap<>(), "sqlite://" + absolute);
    }

    public Dialect dialect() {
        return dialect;
    }

    /** The absolute path of an SQLite store; empty for PostgreSQL. */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** What the PostgreSQL driver takes, without credentials and parameters. */
    String jdbcUrl() {
        return Objects.requireNonNull(jdbcUrl);
    }

    /** The PostgreSQL servers, each with its port if one was given, in the order in which they were named. */
    List<String> hosts() {
        String jdbc = jdbcUrl();
        return List.of(
                jdbc.substring("jdbc:postgresql://".length(), jdbc.length() - 1).split(","));
    }

    /** Parameters and credentials for the PostgreSQL driver: never to be shown. */
    NavigableMap<String, String> parameters() {
        return new TreeMap<>(parameters);
    }

    private static StoreUrl sqlite(String rest, boolean jdbc) {
        String path = rest;
        if (!jdbc || path.startsWith("//")) {
            if (!path.startsWith("//")) {
                throw new IllegalArgumentException(FORMS);
            }
            path = path.substring(2);
        }
        int question = path.indexOf('?');
        if (question >= 0) {
            // The reference lets its pool read them (mode=rwc and the like); how the guard opens the file is its own
            // affair.
            SqliteParameters.require(path.substring(question + 1));
            path = path.substring(0, question);
        }
        if (path.startsWith("file:")) {
            path = path.substring("file:".length());
        }
        if (path.isEmpty() || path.contains(":memory:")) {
            throw new IllegalArgumentException("an SQLite store is a file; the address names none");
        }
        if (GivenFile.isKey(path)) {
            throw new IllegalArgumentException(GivenFile.KEY_GIVEN);
        }
        try {
            return ofFile(Path.of(path));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("an SQLite store is a file: " + e.getReason(), e);
        }
    }

    // [//[user[:password]@]host[:port][,host[:port]]…/][database][?name=value&…]
    private static StoreUrl postgresql(String rest, boolean jdbc) {
        int question = rest.indexOf('?');
        String place = question < 0 ? rest : rest.substring(0, question);
        NavigableMap<String, String> parameters =
                question < 0 ? new TreeMap<>() : PostgresParameters.read(rest.substring(question + 1));
        String hosts = "localhost";
        String database;
        if (place.startsWith("//")) {
            int slash = place.indexOf('/', 2);
            String authority = slash < 0 ? place.substring(2) : place.substring(2, slash);
            database = slash < 0 ? "" : place.substring(slash + 1);
            int at = authority.lastIndexOf('@');
            if (at >= 0) {
                readCredentials(authority.substring(0, at), parameters);
            }
            String named = authority.substring(at + 1);
            if (!named.isEmpty()) {
                hosts = named;
            }
        } else if (jdbc) {
            database = place.startsWith("/") ? place.substring(1) : place;
        } else {
            throw new IllegalArgumentException(FORMS);
        }
        requireHosts(hosts);
        String name = decode(database);
        if (name.contains("/")) {
            throw new IllegalArgumentException("a database name has no slash");
        }
        // Else it may be a part of a password that was not percent-encoded.
        if (database.contains("@") || database.contains(":")) {
            throw new IllegalArgumentException(
                    "the name of the database holds @ or : (a password with special characters"
                            + " must be percent-encoded, and user and host stand behind //)");
        }
        if (!name.isEmpty() && parameters.put("PGDBNAME", name) != null) {
            throw new IllegalArgumentException("the store address names the database twice");
        }
        String user = parameters.get("user");
        String shown = "postgresql://" + (user == null ? "" : printable(user) + "@") + hosts + "/" + printable(name);
        return new StoreUrl(Dialect.POSTGRESQL, null, "jdbc:postgresql://" + hosts + "/", parameters, shown);
    }

    private static void requireHosts(String hosts) {
        if (hosts.startsWith("%2F") || hosts.startsWith("%2f")) {
            throw new IllegalArgumentException("PostgreSQL is reached by host and port, not by a local socket");
        }
        // Anything else might be a part of a password that was not percent-encoded, so it is not repeated.
        if (!hosts.matches("[A-Za-z0-9._,:\\[\\]-]+") || !portsAreGood(hosts)) {
            throw new IllegalArgumentException(
                    "the host and port of the store address are not readable (a password with"
                            + " special characters must be percent-encoded)");
        }
    }

    private static boolean portsAreGood(String hosts) {
        for (String host : hosts.split(",", -1)) {
            String port = host.substring(host.lastIndexOf(']') + 1);
            int colon = port.lastIndexOf(':');
            if (host.isEmpty() || colon >= 0 && !isPort(port.substring(colon + 1))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPort(String text) {
        return text.matches("[0-9]{1,5}") && Integer.parseInt(text) > 0 && Integer.parseInt(text) < 65536;
    }

    private static void readCredentials(String text, Map<String, String> parameters) {
        int colon = text.indexOf(':');
        boolean twice = parameters.put("user", decode(colon < 0 ? text : text.substring(0, colon))) != null;
        if (colon >= 0) {
            twice |= parameters.put("password", decode(text.substring(colon + 1))) != null;
        }
        if (twice) {
            throw new IllegalArgumentException("the store address names user or password twice");
        }
    }

    // In the parts before the question mark a plus sign is a plus sign (RFC 3986).
    private static String decode(String text) {
        return StoreParameters.decode(text.replace("+", "%2B"));
    }

    private static String printable(String text) {
        return KeyText.shown(text).replaceAll("\\p{Cntrl}", "?");
    }

    private static boolean startsWith(String text, String prefix) {
        return text.toLowerCase(Locale.ROOT).startsWith(prefix);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StoreUrl url
                && dialect == url.dialect
                && Objects.equals(file, url.file)
                && Objects.equals(jdbcUrl, url.jdbcUrl)
                && parameters.equals(url.parameters);
    }

    @Override
    public int hashCode() {
        return shown.hashCode();
    }

    /** The address without password and parameters. */
    @Override
    public String toString() {
        return shown;
    }
}
