// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.ChainVerifier;
import io.cloacina.guard.audit.Checkpoint;
import io.cloacina.guard.audit.GuardEvents;
import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.cli.ExitStatus;
import io.cloacina.guard.cli.OpenSigner;
import io.cloacina.guard.cli.SignerOptions;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private SignerOptions signers = new SignerOptions();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Append the checkpoint to this file (default: FILE.checkpoints beside the audit log).")
    private @Nullable String out;

    AuditCheckpointCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        String problem = signers.problem();
        if (problem != null) {
            throw new ParameterException(spec.commandLine(), problem);
        }
        UUID org = signers.isOfStore() ? cli.org() : cli.orgIfAny().orElse(null);
        List<Path> logs = AuditLogFiles.files(cli, files);
        Path target = out == null ? AuditLogFiles.checkpointsOf(logs.get(0)) : cli.path(out);
        List<Checkpoint> before = Files.isRegularFile(target) ? AuditLogFiles.read(target) : List.of();
        ChainVerifier.Result result = AuditLogFiles.check(logs, before, -1);
        ChainVerifier.Problem incomplete = result.problem();
        if (incomplete != null) {
            throw CliException.refused(incomplete.name().toLowerCase(Locale.ROOT), "not signed: " + result.message());
        }
        try (AuditLog audit = cli.audit();
                OpenSigner signer = open(org)) {
            Checkpoint checkpoint = sign(
                    result.sound().lastSequence(),
                    Objects.requireNonNull(result.sound().lastHash()),
                    signer);
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

    private Checkpoint sign(long sequence, String lineHash, OpenSigner signer) throws CliException {
        Instant now = cli.environment().clock().instant().truncatedTo(ChronoUnit.MICROS);
        byte[] signature = signer.sign(Checkpoint.message(sequence, lineHash, now));
        return new Checkpoint(sequence, lineHash, now, signer.fingerprint(), signature);
    }

    private OpenSigner open(@Nullable UUID org) throws CliException, KeyException, StoreUnavailableException {
        if (!signers.isOfStore()) {
            return signers.open(cli, org, null, true);
        }
        try (JdbiStore store = cli.store()) {
            return signers.open(cli, org, store, true);
        }
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
