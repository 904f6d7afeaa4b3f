// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.KeyEvents;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.crypto.KeySealer;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.sign.KekSource;
import io.cloacina.guard.internal.sign.KeyFiles;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.store.StoreStatus;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.sign.Change;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.sign.PublicKeyExport;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(description = "Signing keys: who may sign.", synopsisSubcommandLabel = "COMMAND")
final class KeyCommand implements Runnable {

    private static final String KEY = "Id, fingerprint or name; a unique prefix of the first two will do.";
    private static final String REFERENCE_FORMAT = "Seal the private key as the reference does, without a binding to"
            + " its row, so that both programs can use it (default in a database of the reference).";
    private static final String BOUND_FORMAT = "Seal the private key bound to its row, which only this program opens"
            + " (default in a store of its own).";

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    KeyCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    @Command(
            description = "Make a signing key and store it sealed.",
            footer = {
                "",
                "Examples:",
                "  cloacina key create release-2026 --kek-file kek",
                "  (umask 077; openssl rand -base64 32 > kek)    (makes a key encryption key)"
            })
    int create(
            @Parameters(paramLabel = "NAME", description = "What to call it: 1 to 255 characters.") String name,
            @Option(names = "--reference-format", description = REFERENCE_FORMAT) boolean referenceFormat,
            @Option(names = "--bound-format", description = BOUND_FORMAT) boolean boundFormat)
            throws Exception {
        return made(
                name,
                true,
                (store, org, kek) -> cli.keys(store)
                        .createSigningKey(
                                org, name, Objects.requireNonNull(kek), form(store, referenceFormat, boundFormat)));
    }

    @Command(
            name = "import",
            description = "Store a private key that was made elsewhere, sealed; or give the key of a signer a name.",
            footer = {
                "",
                "Examples:",
                "  openssl genpkey -algorithm ed25519 -out key.pem",
                "  cloacina key import release-2026 key.pem --kek-file kek",
                "  cloacina key import hsm-2026 hsm-public.pem --public-only",
                "  cloacina sign plugin.jar --key hsm-2026 --signer-command ./hsm-sign"
            })
    int importKey(
            @Parameters(paramLabel = "NAME", description = "What to call it: 1 to 255 characters.") String name,
            @Parameters(
                            paramLabel = "FILE.pem",
                            description = "PKCS#8, not encrypted; with --public-only, a public key.")
                    String file,
            @Option(
                            names = "--public-only",
                            description = "The file holds a public key; a --signer-command has the private one.")
                    boolean publicOnly,
            @Option(names = "--reference-format", description = REFERENCE_FORMAT) boolean referenceFormat,
            @Option(names = "--bound-format", description = BOUND_FORMAT) boolean boundFormat)
            throws Exception {
        if (publicOnly) {
            if (referenceFormat || boundFormat) {
                throw new ParameterException(
                        spec.subcommands().get("import"), "--public-only seals nothing: leave out the format");
            }
            return made(
                    name, false, (store, org, kek) -> cli.keys(store).importPublicKey(org, name, cli.publicKey(file)));
        }
        return made(name, true, (store, org, kek) -> {
            byte[] pem = cli.keyFile(file);
            try {
                return cli.keys(store)
                        .importSigningKey(
                                org, name, pem, Objects.requireNonNull(kek), form(store, referenceFormat, boundFormat));
            } finally {
                Arrays.fill(pem, (byte) 0);
            }
        });
    }

    private interface Making {
        /** @param kek null if nothing is to be sealed */
        SigningKey make(JdbiStore store, UUID org, @Nullable Kek kek)
                throws CliException, KeyException, StoreUnavailableException;
    }

    /** @param sealed whether there is a private half, for which a key encryption key is needed */
    private int made(String name, boolean sealed, Making making)
            throws CliException, KeyException, StoreUnavailableException, AuditFailedException, IOException {
        UUID org = cli.org();
        try (AuditLog audit = cli.audit()) {
            SigningKey key;
            try (Kek kek = sealed ? cli.kek() : null;
                    JdbiStore store = cli.storeMadeIfMissing()) {
                Changes changes = cli.changes(audit, store);
                key = making.make(store, org, kek);
                changes.record();
            } catch (CliException | KeyException | StoreUnavailableException e) {
                audit.record(KeyEvents.notCreated(org, name, e.getMessage()));
                throw e;
            }
            print(key);
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "List the organisation's signing keys, revoked ones too, oldest first.",
            footer = {"", "Examples:", "  cloacina key list --json"})
    int list() throws CliException, StoreUnavailableException {
        UUID org = cli.org();
        try (JdbiStore store = cli.store()) {
            cli.keys(store).signingKeys(org).forEach(this::print);
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Show one signing key.",
            footer = {"", "Examples:", "  cloacina key show release-2026"})
    int show(@Parameters(paramLabel = "KEY", description = KEY) String key)
            throws CliException, KeyException, StoreUnavailableException {
        UUID org = cli.org();
        try (JdbiStore store = cli.store()) {
            SigningKey row = cli.keys(store).signingKey(org, key);
            cli.result(
                    json(row),
                    String.join(
                            System.lineSeparator(),
                            "name         " + Printable.of(row.name()),
                            "key id       " + row.id(),
                            "organisation " + row.orgId(),
                            "fingerprint  " + row.fingerprint(),
                            "public key   " + HexFormat.of().formatHex(row.publicKey()),
                            "created      " + Rfc3339.format(row.createdAt()),
                            "revoked      " + (row.revokedAt() == null ? "no" : Rfc3339.format(row.revokedAt())),
                            "private half " + (row.publicOnly() ? "not here: a signer has it" : "sealed")));
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Print the public key as PEM, or write a key to a file.",
            footer = {
                "",
                "A private key is written only to a new file, with mode 0600.",
                "",
                "Examples:",
                "  cloacina key export release-2026 > release-2026.pem",
                "  cloacina key export release-2026 --private --out secret.pem --kek-file kek"
            })
    int export(
            @Parameters(paramLabel = "KEY", description = KEY) String key,
            @Option(names = "--private", description = "The private key, PKCS#8; needs --out.") boolean privateHalf,
            @Option(names = "--raw", description = "The public key as 64 hexadecimal digits instead of PEM.")
                    boolean raw,
            @Option(names = "--out", paramLabel = "FILE", description = "Write to this file instead.") @Nullable
                    String out)
            throws Exception {
        if (privateHalf && out == null) {
            throw new ParameterException(
                    exporting(), "a private key is written to a file only; name one with --out FILE");
        }
        if (privateHalf && raw) {
            throw new ParameterException(exporting(), "--raw is for public keys only");
        }
        UUID org = cli.org();
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            PublicKeyExport exported = cli.keys(store).exportPublicKey(org, key);
            Path file = out == null ? null : cli.path(out);
            String text = raw ? HexFormat.of().formatHex(exported.publicKey().raw()) + "\n" : exported.pem();
            if (privateHalf) {
                exportPrivate(store, exported.key(), Objects.requireNonNull(file), audit);
            } else if (file != null) {
                write(file, text);
            }
            if (!privateHalf) {
                audit.record(KeyEvents.publicKeyExported(exported.key()));
            }
            JsonLine json = new JsonLine()
                    .with("key_id", exported.key().id())
                    .with("key_fingerprint", exported.publicKey().fingerprint())
                    .with("public_key", exported.publicKey().raw())
                    .with("public_key_pem", exported.pem());
            if (file != null) {
                json.with("file", Cli.absolute(file));
            }
            cli.result(json, file == null ? text.stripTrailing() : Printable.of(file.toString()));
        }
        return ExitStatus.DONE;
    }

    private picocli.CommandLine exporting() {
        return Objects.requireNonNull(spec.subcommands().get("export"));
    }

    /** Records it first: no private key is in a file without its event, whenever the process is killed. */
    private void exportPrivate(JdbiStore store, SigningKey key, Path file, AuditLog audit)
            throws CliException, KeyException, StoreUnavailableException, AuditFailedException {
        cli.keys(store).requirePrivateKey(key.orgId(), key.id().toString());
        try (Kek kek = cli.kek();
                Ed25519PrivateKey opened =
                        cli.keys(store).exportPrivateKey(key.orgId(), key.id().toString(), kek)) {
            KeyFiles.writePrivateKey(file, opened, () -> audit.record(KeyEvents.privateKeyExported(key)));
        } catch (KeyException e) {
            if (e.reason() == KeyException.Reason.UNUSABLE_FILE) {
                throw CliException.trouble("unwritable_file", e.getMessage(), e);
            }
            throw e;
        }
    }

    private static void write(Path file, String text) throws CliException {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static CliException unwritable(Path file, IOException why) {
        return CliException.trouble("unwritable_file", "[" + file + "] cannot be written: " + Cli.reason(why), why);
    }

    @Command(
            description = "From now on the key signs nothing new; what it signed stays valid as long as it is trusted.",
            footer = {"", "Examples:", "  cloacina key revoke release-2025"})
    int revoke(@Parameters(paramLabel = "KEY", description = KEY) String key) throws Exception {
        UUID org = cli.org();
        try (AuditLog audit = cli.audit();
                JdbiStore store = cli.store()) {
            Changes changes = cli.changes(audit, store);
            Change<SigningKey> change = cli.keys(store).revokeSigningKey(org, key);
            if (change.changed()) {
                changes.record();
            } else {
                cli.say("the key was revoked already; nothing changed");
            }
            print(change.row());
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Seal every private key of the store under a new key encryption key: all or none.",
            footer = {
                "",
                "The new key stands in --new-kek-file or CLOACINA_NEW_KEY_ENCRYPTION_KEY.",
                "",
                "Examples:",
                "  cloacina key reseal --kek-file old-kek --new-kek-file new-kek"
            })
    int reseal(
            @Option(
                            names = "--new-kek-file",
                            paramLabel = "FILE",
                            description = "The key encryption key to seal under from now on.")
                    @Nullable
                    String newKekFile,
            @Option(names = "--reference-format", description = REFERENCE_FORMAT) boolean referenceFormat,
            @Option(names = "--bound-format", description = BOUND_FORMAT) boolean boundFormat)
            throws Exception {
        try (AuditLog audit = cli.audit();
                Kek present = cli.kek();
                Kek future = cli.kek(newKekFile, "--new-kek-file", KekSource.NEW_VARIABLE);
                JdbiStore store = cli.store()) {
            KeySealer.Form form = form(store, referenceFormat, boundFormat);
            Changes changes = cli.changes(audit, store);
            int count = cli.keys(store).reseal(present, future, form);
            changes.record();
            cli.result(new JsonLine().with("resealed", count), count + " keys are sealed under the new key");
        }
        return ExitStatus.DONE;
    }

    /** What both programs can open, in a database of the reference; else bound to its row. */
    private KeySealer.Form form(JdbiStore store, boolean referenceFormat, boolean boundFormat)
            throws StoreUnavailableException {
        if (referenceFormat && boundFormat) {
            throw new ParameterException(spec.commandLine(), "either --reference-format or --bound-format, not both");
        }
        boolean shared = store.origin() == StoreStatus.Origin.REFERENCE;
        if (shared && boundFormat) {
            cli.say("warning: the workflow engine, which shares this database, cannot open keys in the bound form; both"
                    + " can after `cloacina key reseal --reference-format`");
        }
        return referenceFormat || shared && !boundFormat ? KeySealer.Form.REFERENCE : KeySealer.Form.BOUND;
    }

    private void print(SigningKey key) {
        cli.result(
                json(key),
                key.id() + "  " + key.fingerprint() + "  " + Rfc3339.format(key.createdAt()) + "  "
                        + (key.isRevoked() ? "revoked" : "active ") + "  " + Printable.of(key.name())
                        + (key.publicOnly() ? "  (public half only)" : ""));
    }

    private static JsonLine json(SigningKey key) {
        return new JsonLine()
                .with("key_id", key.id())
                .with("org_id", key.orgId())
                .with("key_name", key.name())
                .with("key_fingerprint", key.fingerprint())
                .with("public_key", key.publicKey())
                .with("created_at", key.createdAt())
                .with("revoked_at", key.revokedAt())
                .with("public_only", key.publicOnly());
    }
}
