// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What a database or a file system said, in one line, with what would help: the grant, the file, the setting. */
final class StoreFailure {

    private static final int SQLITE_PERM = 3;
    private static final int SQLITE_BUSY = 5;
    private static final int SQLITE_READONLY = 8;
    private static final int SQLITE_FULL = 13;
    private static final int SQLITE_CANTOPEN = 14;
    private static final int SQLITE_NOTADB = 26;

    private StoreFailure() {}

    /**
     * @param reads whether nothing was to be changed
     * @param limits whether the store is known to have the tables of limits
     */
    static String reason(Throwable failure, StoreUrl url, boolean reads, boolean limits) {
        Throwable reported = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException || cause instanceof IOException) {
                reported = cause;
                break;
            }
        }
        if (reported instanceof AccessDeniedException denied) {
            return "[" + denied.getFile() + "] permission denied";
        }
        if (reported instanceof FileSystemException file) {
            return "[" + file.getFile() + "] "
                    + (file.getReason() == null ? reported.getClass().getSimpleName() : file.getReason());
        }
        String remedy = reported instanceof SQLException sql ? remedy(sql, url, reads, limits) : null;
        return firstLine(reported) + (remedy == null ? "" : ": " + remedy);
    }

    static String firstLine(Throwable failure) {
        String message = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end).stripTrailing();
    }

    /** Null if nothing is known that would help. */
    private static @Nullable String remedy(SQLException failure, StoreUrl url, boolean reads, boolean limits) {
        return url.dialect() == Dialect.SQLITE
                ? sqliteRemedy(failure.getErrorCode() & 0xff, url.file().orElseThrow(), reads)
                : postgresRemedy(failure, url, reads, limits);
    }

    private static @Nullable String postgresRemedy(SQLException failure, StoreUrl url, boolean reads, boolean limits) {
        String state = String.valueOf(failure.getSQLState());
        String role = role(url);
        String message = firstLine(failure);
        return switch (state) {
            case "42501" ->
                message.contains("for schema")
                        ? "let its owner run: GRANT " + (reads ? "USAGE" : "USAGE, CREATE") + " ON SCHEMA "
                                + lastWord(message) + " TO " + role
                        : reads
                                ? "let the owner of the tables run: GRANT SELECT ON trusted_keys, key_trust_acls,"
                                        + " package_signatures" + limitsTables(limits || isOfLimits(message)) + " TO "
                                        + role
                                : "let the owner of the tables run: GRANT SELECT, INSERT, UPDATE ON signing_keys,"
                                        + " trusted_keys, key_trust_acls, package_signatures TO " + role
                                        + (!isOfLimits(message)
                                                ? ""
                                                : "; and run cloacina store init, which grants the same on tables whose"
                                                        + " names begin with guard_");
            case "42P01" ->
                "the tables are not there: run cloacina store init, or name their schema with the parameter currentSchema";
            case "25006" ->
                "either this server is a replica, and the parameter targetServerType=primary finds the primary among"
                        + " several hosts; or default_transaction_read_only is on for this role or database, and ALTER"
                        + " ROLE " + role + " SET default_transaction_read_only = off lets it write";
            case "28P01", "28000" ->
                "see to user and password of the store's address, and to pg_hba.conf of the server";
            case "3D000" -> "create it, or name another one in the store's address";
            case "53300" ->
                "a guard needs one connection to verify and one to listen; raise max_connections or the role's CONNECTION"
                        + " LIMIT, or put a pooler between";
            case "08P01" ->
                message.contains("startup parameter")
                        ? "leave it out of the store's address, or let PgBouncer have ignore_startup_parameters = "
                                + lastWord(message)
                        : null;
            default -> null;
        };
    }

    private static String limitsTables(boolean named) {
        return named ? ", " + String.join(", ", Schema.LIMITS_TABLES) : "";
    }

    /** Where one of the tables is there, all are; a store of an earlier version has none that a grant could name. */
    private static boolean isOfLimits(String message) {
        return message.contains(" guard_");
    }

    private static String role(StoreUrl url) {
        String user = url.parameters().get("user");
        return user == null
                ? "the role of the store's address"
                : user.matches("[a-z_][a-z0-9_]*") ? user : '"' + user.replace("\"", "\"\"") + '"';
    }

    private static String lastWord(String message) {
        return message.substring(message.lastIndexOf(' ') + 1);
    }

    private static @Nullable String sqliteRemedy(int code, Path file, boolean reads) {
        boolean walAlone =
                Files.exists(FileState.beside(file, "-wal")) && !Files.exists(FileState.beside(file, "-shm"));
        if (walAlone && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY)) {
            return "beside [" + file
                    + "] lies a -wal without its -shm: the last program that wrote did not end in order, or"
                    + " only two of three files were copied; one run of cloacina key list, as a user who may write to the"
                    + " directory, puts both in order";
        }
        return switch (code) {
            case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY ->
                "this user needs to be able to " + (reads ? "read" : "read and write") + " [" + file + "]"
                        + (reads ? "" : " and its directory");
            case SQLITE_BUSY -> "another program writes to [" + file + "], or left a lock on it";
            case SQLITE_FULL -> "the file system of [" + file + "] is full";
            case SQLITE_NOTADB -> "[" + file + "] is another kind of file, or damaged: put back a copy of the store";
            default -> null;
        };
    }
}
