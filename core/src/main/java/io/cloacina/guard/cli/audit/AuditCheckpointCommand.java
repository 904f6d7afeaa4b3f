// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.ChainVerifier;
import io.cloacina.guard.audit.Checkpoint;
import io.cloacina.guard.audit.GuardEvents;
import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.cli.ExitStatus;
import io.cloacina.guard.crypto.Ed25519PrivateKey;
import io.cloacina.guard.crypto.Kek;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.sign.KeyException;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description =
                "Sign how far an audit log has come, so that it shows if its end is cut off or it is written anew.",
        footer = {
            "",
            "What is there is checked first; an audit log that is not complete is not signed. Keep the checkpoints where",
            "who can write the audit log cannot: --out, or a copy.",
            "",
            "Examples:",
            "  cloacina audit checkpoint audit.jsonl --key auditor --kek-file kek",
            "  cloacina audit checkpoint audit.jsonl --private-key key.pem --out /mnt/cp"
        })
final class AuditCheckpointCommand implements Callable<Integer> {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "The files of the audit log; those that were rotated may be left out.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "The signing key: id, fingerprint or name; a unique prefix of the first two will do.")
    private String key;

    @Option(
            names = "--private-key",
            paramLabel = "FILE.pem",
            description = "Sign offline with this key (PKCS#8), with no store.")
    private String privateKey;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Append the checkpoint to this file (default: FILE.checkpoints beside the audit log).")
    private String out;

    AuditCheckpointCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if ((key == null) == (privateKey == null)) {
            throw new ParameterException(
                    spec.commandLine(), "name one key to sign with: --key KEY or --private-key FILE.pem");
        }
        UUID org = privateKey == null ? cli.org() : cli.orgIfAny().orElse(null);
        List<Path> logs = AuditLogFiles.files(cli, files);
        Path target = out == null ? AuditLogFiles.checkpointsOf(logs.get(0)) : cli.path(out);
        List<Checkpoint> before = Files.isRegularFile(target) ? AuditLogFiles.read(target) : List.of();
        ChainVerifier.Result result = AuditLogFiles.check(logs, before, -1);
        if (!result.isComplete()) {
            throw CliException.refused(
                    result.problem().name().toLowerCase(Locale.ROOT), "not signed: " + result.message());
        }
        try (AuditLog audit = cli.audit();
                Ed25519PrivateKey opened = open(org)) {
            Checkpoint checkpoint = Checkpoint.sign(
                    result.sound().lastSequence(),
                    result.sound().lastHash(),
                    cli.environment().clock().instant(),
                    opened);
            append(target, checkpoint.toJson() + "\n");
            audit.record(GuardEvents.checkpointSigned(org, Cli.absolute(logs.get(logs.size() - 1)), checkpoint));
            JsonLine json = new JsonLine();
            checkpoint.fields().forEach(json::with);
            cli.result(
                    json.with("checkpoint_file", Cli.absolute(target)),
                    Printable.of(target + ": sequence " + checkpoint.sequence() + " signed by " + checkpoint.key()));
        }
        return ExitStatus.DONE;
    }

    private Ed25519PrivateKey open(UUID org) throws CliException, KeyException, StoreUnavailableException {
        if (privateKey == null) {
            try (Kek kek = cli.kek();
                    JdbiStore store = cli.store()) {
                return cli.keys(store).openSigningKey(org, key, kek);
            }
        }
        return cli.privateKey(privateKey);
    }

    private static void append(Path file, String line) throws CliException {
        try {
            Files.write(
                    file,
                    line.getBytes(StandardCharsets.US_ASCII),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw CliException.trouble("unwritable_file", "[" + file + "] cannot be written: " + Cli.reason(e), e);
        }
    }
}
