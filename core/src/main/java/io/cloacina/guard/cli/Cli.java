// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.AuditSettings;
import io.cloacina.guard.audit.AuditSinks;
import io.cloacina.guard.audit.SinkConfigurationException;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.MalformedKeyException;
import io.cloacina.guard.crypto.Pem;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.config.ConfigException;
import io.cloacina.guard.internal.config.GuardConfig;
import io.cloacina.guard.internal.sign.KekSource;
import io.cloacina.guard.internal.sign.KeyManager;
import io.cloacina.guard.internal.sign.TrustManager;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreUrl;
import io.cloacina.guard.internal.text.GivenFile;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.trust.KeyStore;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What every command has at hand: the common options with their defaults, the store, the event log, and the way to
 * print.
 *
 * <p>Nothing is opened before it is asked for.
 */
public final class Cli {

    /** Longer than the agent's: a writer may have to wait for other writers. */
    private static final Duration KEYS_TIMEOUT = Duration.ofSeconds(30);

    private static final Duration VERIFY_TIMEOUT = Duration.ofSeconds(10);
    private static final int LARGEST_KEY_FILE = 64 * 1024;
    private static final UUID NO_ORGANISATION = new UUID(0, 0);

    private final CliEnvironment environment;
    private final RootCommand options;

    Cli(CliEnvironment environment, RootCommand options) {
        this.environment = environment;
        this.options = options;
    }

    public CliEnvironment environment() {
        return environment;
    }

    public boolean json() {
        return options.json;
    }

    /** One result: {@code object} with {@code --json}, else {@code line}. */
    public void result(JsonLine object, String line) {
        environment.out().println(options.json ? object.toString() : line);
    }

    /** One sentence for people. */
    public void say(String sentence) {
        environment.err().println("cloacina: " + Printable.of(sentence));
    }

    /** @throws CliException if none is given or it is no UUID */
    public UUID org() throws CliException {
        return orgIfAny()
                .orElseThrow(() -> CliException.askedWrongly(
                        "no_organisation",
                        "no organisation is given; name it with --org UUID, CLOACINA_ORG_ID or"
                                + " CLOACINA_VERIFICATION_ORG_ID",
                        null));
    }

    public Optional<UUID> orgIfAny() throws CliException {
        String given = options.org;
        for (String variable : List.of("CLOACINA_ORG_ID", "CLOACINA_VERIFICATION_ORG_ID")) {
            given = given == null ? environment.variable(variable) : given;
        }
        return given == null ? Optional.empty() : Optional.of(uuid(given, "organisation"));
    }

    public static UUID uuid(String text, String what) throws CliException {
        // UUID.fromString also takes shortened groups such as 1-1-1-1-1.
        if (text.matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
            return UUID.fromString(text);
        }
        throw CliException.askedWrongly(
                "malformed_organisation",
                "the " + what + " [" + KeyText.shown(text)
                        + "] is no UUID such as 123e4567-e89b-12d3-a456-426614174000",
                null);
    }

    public StoreUrl storeUrl() throws CliException {
        String given = options.store == null ? environment.variable("CLOACINA_DATABASE_URL") : options.store;
        if (given == null) {
            return StoreUrl.ofFile(environment.home().resolve(".cloacina").resolve("trust.db"));
        }
        try {
            return StoreUrl.parse(withHome(given, "sqlite://", "jdbc:sqlite:"));
        } catch (IllegalArgumentException e) {
            throw CliException.askedWrongly("malformed_store_address", String.valueOf(e.getMessage()), e);
        }
    }

    private String withHome(String text, String... prefixes) {
        for (String prefix : prefixes) {
            if (text.startsWith(prefix + "~/")) {
                return prefix + environment.withHome(text.substring(prefix.length()));
            }
        }
        return text;
    }

    /** A file that an option names. */
    public Path path(String text) throws CliException {
        if (text.isEmpty()) {
            // To Java it is the current directory; to a shell, most likely a variable that was not set.
            throw CliException.askedWrongly("malformed_path", "a file name is empty", null);
        }
        GivenKeys.refuse("a file name", environment.withHome(text));
        try {
            return Path.of(environment.withHome(text));
        } catch (InvalidPathException e) {
            throw CliException.askedWrongly("malformed_path", "not a path: " + e.getReason(), e);
        }
    }

    /** How results and events name a file: absolute, and without needless dots. */
    public static Path absolute(Path path) {
        return GivenFile.absolute(path);
    }

    /** The store that is there. */
    public JdbiStore store() throws CliException {
        return JdbiStore.openForKeys(storeUrl(), KEYS_TIMEOUT);
    }

    /** The store, made if it is not there. */
    JdbiStore storeMadeIfMissing() throws CliException, StoreUnavailableException {
        StoreUrl url = storeUrl();
        boolean mayBeThere = url.file().isEmpty() || Files.exists(url.file().get());
        JdbiStore store = JdbiStore.openForKeys(url, KEYS_TIMEOUT);
        if (mayBeThere && answers(store)) {
            return store;
        }
        store.close();
        return JdbiStore.create(url, KEYS_TIMEOUT, environment.clock());
    }

    // The attempt to make one that does not answer reports what is wrong.
    private static boolean answers(KeyStore store) {
        try {
            store.signingKeys().of(NO_ORGANISATION);
            return true;
        } catch (StoreUnavailableException e) {
            return false;
        }
    }

    /** The store for asking only. */
    public JdbiStore storeForVerification() throws CliException {
        return JdbiStore.openForVerification(storeUrl(), VERIFY_TIMEOUT);
    }

    /** The store, made and brought up to date; that is noted among the changes. */
    JdbiStore initialisedStore(boolean announce, Changes changes) throws CliException, StoreUnavailableException {
        return JdbiStore.create(storeUrl(), KEYS_TIMEOUT, environment.clock(), announce, changes);
    }

    /** Puts what is changed in the store on record. */
    Changes changes(AuditLog audit, JdbiStore store) throws StoreUnavailableException, CliException {
        return recording(new Changes(environment.clock(), audit), store);
    }

    /** Has {@code changes} put what is changed in the store on record, and what earlier commands have left. */
    static Changes recording(Changes changes, JdbiStore store) throws StoreUnavailableException, CliException {
        try {
            return changes.of(store);
        } catch (AuditFailedException e) {
            throw CliException.trouble(
                    "audit_unavailable",
                    "what an earlier command has done cannot be recorded: " + e.getMessage() + "; nothing was done",
                    e);
        }
    }

    public KeyManager keys(KeyStore store) {
        return new KeyManager(store, environment.clock(), new SecureRandom());
    }

    public TrustManager trust(KeyStore store) {
        return new TrustManager(store, environment.clock(), new SecureRandom());
    }

    /** The key encryption key; the file wins over the environment. */
    public Kek kek() throws CliException, KeyException {
        return kek(options.kekFile, "--kek-file", KekSource.VARIABLE);
    }

    /**
     * @param file what the option names, or null
     * @return to be closed by the caller
     */
    public Kek kek(@Nullable String file, String option, String variable) throws CliException, KeyException {
        if (file == null) {
            return KekSource.fromEnvironment(environment.variables(), variable)
                    .orElseThrow(() -> CliException.askedWrongly(
                            "no_kek",
                            "no key encryption key is given; name a file with " + option + " or set " + variable,
                            null));
        }
        Path path = path(file);
        try {
            Kek kek = KekSource.fromFile(path);
            if (KekSource.isReadableByOthers(path)) {
                say("warning: others can read the key encryption key in [" + path + "]; chmod 600 would mend it");
            }
            return kek;
        } catch (IOException e) {
            throw unreadable("the key encryption key", path, e);
        }
    }

    /** The content of a small file that holds a key; the caller wipes it. */
    byte[] keyFile(String file) throws CliException {
        Path path = path(file);
        try {
            byte[] content = GivenFile.read(path, LARGEST_KEY_FILE);
            if (content.length > LARGEST_KEY_FILE) {
                throw CliException.askedWrongly(
                        "malformed_key", "[" + path + "] is larger than 64 KiB; that is no key in PEM", null);
            }
            return content;
        } catch (IOException e) {
            throw unreadable("the key", path, e);
        }
    }

    /** The public key in a PEM file. */
    public Ed25519PublicKey publicKey(String file) throws CliException {
        try {
            return Pem.readPublicKey(keyFile(file));
        } catch (MalformedKeyException e) {
            throw CliException.askedWrongly("malformed_key", "[" + file + "]: " + e.getMessage(), e);
        } catch (RejectedKeyException e) {
            throw CliException.refused("weak_key", "[" + file + "]: " + e.getMessage());
        }
    }

    /** The private key in a PEM file; the caller closes it. */
    public Ed25519PrivateKey privateKey(String file) throws CliException {
        byte[] pem = keyFile(file);
        try {
            return Pem.readPrivateKey(pem);
        } catch (MalformedKeyException e) {
            throw CliException.askedWrongly("malformed_key", "[" + file + "]: " + e.getMessage(), e);
        } finally {
            Arrays.fill(pem, (byte) 0);
        }
    }

    public static CliException unreadable(String what, Path path, IOException why) {
        return CliException.trouble("unreadable_file", what + " in [" + path + "] cannot be read: " + reason(why), why);
    }

    /** What the file system says, in words. */
    public static String reason(IOException failure) {
        return GivenFile.reason(failure);
    }

    /** Whether options, and not only the environment, say what is to be used. */
    public boolean isStoreNamed() {
        return options.store != null || options.org != null || options.kekFile != null;
    }

    /** What is named as the key encryption key's file, or null. */
    public @Nullable String kekFile() {
        return options.kekFile;
    }

    /** The event log; opened before anything is done, so that nothing is done that cannot be recorded. */
    public AuditLog audit() throws CliException {
        List<String> sinks = auditSinks();
        try {
            if (auditGiven() == null) {
                makeOwnDirectory();
            }
            AuditSettings settings =
                    GuardConfig.readAuditSettings(environment.variables()).ofUser(CliEnvironment.user());
            return AuditLog.open(
                    environment.clock(), sinks, settings, orgIfAny().orElse(null), null, false);
        } catch (ConfigException e) {
            throw CliException.askedWrongly("malformed_audit", e.getMessage(), e);
        } catch (SinkConfigurationException e) {
            throw CliException.askedWrongly("malformed_audit", e.getMessage() + "; nothing was done", e);
        } catch (IOException e) {
            throw CliException.trouble(
                    "audit_unavailable",
                    "events cannot be written to [" + String.join(",", sinks) + "]: " + reason(e)
                            + "; nothing was done",
                    e);
        } catch (InvalidPathException e) {
            throw CliException.askedWrongly("malformed_path", "--audit: not a path: " + e.getReason(), e);
        }
    }

    /** @throws CliException if it is not well-formed where events go, which no command leaves unsaid */
    void requireAudit() throws CliException {
        auditSinks();
        try {
            GuardConfig.readAuditSettings(environment.variables());
        } catch (ConfigException e) {
            throw CliException.askedWrongly("malformed_audit", e.getMessage(), e);
        }
    }

    private @Nullable String auditGiven() {
        return options.audit == null ? environment.variable("CLOACINA_AUDIT") : options.audit;
    }

    /** Where events go, as {@link AuditSinks} names it. */
    public List<String> auditSinks() throws CliException {
        String given = auditGiven();
        return given == null
                ? List.of("file:" + environment.home().resolve(".cloacina").resolve("audit.jsonl"))
                : sinks(given);
    }

    private List<String> sinks(String given) throws CliException {
        List<String> names = new ArrayList<>();
        for (String name : given.split(",", -1)) {
            try {
                names.add(AuditSinks.requireName(withHome(name.strip(), "file:", "logback:")));
            } catch (IllegalArgumentException e) {
                throw CliException.askedWrongly(
                        "malformed_audit",
                        (options.audit == null ? "CLOACINA_AUDIT" : "--audit") + ": " + e.getMessage(),
                        e);
            }
        }
        return names;
    }

    private void makeOwnDirectory() throws IOException {
        Path directory = environment.home().resolve(".cloacina");
        if (Files.isDirectory(directory)) {
            return;
        }
        boolean posix = directory.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] mode = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
        Files.createDirectories(directory, mode);
    }
}
