// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli.audit;

import io.cloacina.guard.audit.ChainFinding;
import io.cloacina.guard.audit.ChainVerifier;
import io.cloacina.guard.audit.Checkpoint;
import io.cloacina.guard.cli.Cli;
import io.cloacina.guard.cli.CliException;
import io.cloacina.guard.cli.ExitStatus;
import io.cloacina.guard.crypto.Ed25519PublicKey;
import io.cloacina.guard.crypto.Fingerprint;
import io.cloacina.guard.crypto.RejectedKeyException;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.text.Rfc3339;
import io.cloacina.guard.sign.TrustEntry;
import io.cloacina.guard.trust.SigningKey;
import io.cloacina.guard.trust.StoreUnavailableException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        description =
                "Say whether an audit log is complete, or name the first line that was changed, removed, inserted or cut"
                        + " off.",
        footer = {
            "",
            "Name the rotated files too, in any order. Checkpoints (FILE.checkpoints) must be signed by the key of",
            "--public-key, or by a signing or trusted key of the organisation. Without checkpoints it does not show",
            "if the end was cut off, or all of it was written anew. Status 1 if the audit log is not complete.",
            "",
            "Examples:",
            "  cloacina audit verify /var/log/host/cloacina.jsonl*",
            "  cloacina audit verify audit.jsonl --public-key key.pem --checkpoints cp"
        })
final class AuditVerifyCommand implements Callable<Integer> {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "A file of events.")
    private List<String> files = new ArrayList<>();

    @Option(
            names = "--checkpoints",
            paramLabel = "FILE",
            description = "Where the checkpoints are, if not in FILE.checkpoints beside the audit log.")
    private List<String> checkpointFiles = new ArrayList<>();

    @Option(names = "--no-checkpoints", description = "Do without checkpoints, also if there are some.")
    private boolean noCheckpoints;

    @Option(
            names = "--public-key",
            paramLabel = "FILE.pem",
            description = "Checkpoints must be signed by this key, and no store is asked.")
    private @Nullable String publicKey;

    @Option(
            names = "--from",
            paramLabel = "SEQUENCE",
            description = "The audit log begins with this sequence: what came before is kept elsewhere.")
    private long from;

    AuditVerifyCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public Integer call() throws Exception {
        if (noCheckpoints && !checkpointFiles.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "either --checkpoints or --no-checkpoints, not both");
        }
        if (from < 0) {
            throw new ParameterException(spec.commandLine(), "--from: a sequence is 1 or more");
        }
        List<Path> logs = AuditLogFiles.files(cli, files);
        logs.removeIf(AuditLogFiles::isCheckpoints);
        if (logs.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "name at least one file of events, not only checkpoints");
        }
        List<Checkpoint> checkpoints = new ArrayList<>();
        if (!noCheckpoints) {
            for (Path file : checkpointFiles.isEmpty()
                    ? AuditLogFiles.checkpointsOf(logs)
                    : AuditLogFiles.files(cli, checkpointFiles)) {
                checkpoints.addAll(AuditLogFiles.read(file));
            }
            if (checkpoints.isEmpty() && !checkpointFiles.isEmpty()) {
                throw CliException.refused(
                        "no_checkpoints",
                        "there is no checkpoint in [" + String.join("], [", checkpointFiles)
                                + "]: nothing shows whether the audit log is the one that was written");
            }
        }
        requireSigned(checkpoints);
        ChainVerifier.Result result = AuditLogFiles.check(logs, checkpoints, from);
        print(result, checkpoints);
        return result.isComplete() ? ExitStatus.DONE : ExitStatus.REFUSED;
    }

    /**
     * A key that may sign checkpoints.
     *
     * @param until when it was revoked, or null
     */
    private record Auditor(byte[] rawKey, @Nullable Instant until) {}

    private void requireSigned(List<Checkpoint> checkpoints) throws CliException, StoreUnavailableException {
        if (checkpoints.isEmpty()) {
            return;
        }
        Map<Fingerprint, Auditor> auditors = auditors();
        for (Checkpoint checkpoint : checkpoints) {
            Auditor auditor = auditors.get(checkpoint.key());
            String what = "the checkpoint of " + checkpoint.createdAt() + " (sequence " + checkpoint.sequence() + ") ";
            if (auditor == null) {
                throw CliException.refused(
                        "untrusted_checkpoint", what + "is signed by a key that is not known: " + checkpoint.key());
            }
            if (!isSigned(checkpoint, auditor.rawKey())) {
                throw CliException.refused("invalid_checkpoint", what + "has a signature that is not its own");
            }
            if (auditor.until() != null && checkpoint.createdAt().isAfter(auditor.until())) {
                throw CliException.refused(
                        "untrusted_checkpoint",
                        what + "is signed by a key that was revoked at " + Rfc3339.format(auditor.until()));
            }
        }
    }

    private static boolean isSigned(Checkpoint checkpoint, byte[] rawKey) {
        try {
            return checkpoint.isSignedBy(Ed25519PublicKey.of(rawKey));
        } catch (RejectedKeyException | IllegalArgumentException e) {
            // A row of the store that is no key has signed nothing.
            return false;
        }
    }

    private Map<Fingerprint, Auditor> auditors() throws CliException, StoreUnavailableException {
        Map<Fingerprint, Auditor> auditors = new HashMap<>();
        if (publicKey != null) {
            Ed25519PublicKey key = cli.publicKey(publicKey);
            auditors.put(key.fingerprint(), new Auditor(key.raw(), null));
            return auditors;
        }
        UUID org = cli.orgIfAny()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "there are checkpoints: say whose key has signed them with --public-key FILE.pem or --org UUID,"
                                + " or --no-checkpoints"));
        try (JdbiStore store = cli.store()) {
            for (TrustEntry entry : cli.trust(store).trustedKeys(org, false)) {
                auditors.put(
                        entry.key().fingerprint(),
                        new Auditor(entry.key().publicKey(), entry.key().revokedAt()));
            }
            for (SigningKey key : cli.keys(store).signingKeys(org)) {
                auditors.put(key.fingerprint(), new Auditor(key.publicKey(), key.revokedAt()));
            }
        }
        return auditors;
    }

    private void print(ChainVerifier.Result result, List<Checkpoint> checkpoints) {
        ChainFinding finding = result.finding();
        String problem = finding == null ? null : finding.problem().name().toLowerCase(Locale.ROOT);
        JsonLine json = new JsonLine()
                .with("complete", result.isComplete())
                .with("problem", problem)
                .with("message", result.message())
                .with("file", finding == null ? null : finding.file())
                .with("line", finding == null || finding.file() == null ? null : finding.line())
                .with("sequence", finding == null ? null : finding.sequence())
                .with("first_sequence", result.sound().firstSequence())
                .with("last_sequence", result.sound().lastSequence())
                .with("last_hash", result.sound().lastHash())
                .with("lines", result.sound().lines())
                .with("processes", result.sound().processes())
                .with("torn_lines", result.sound().tornLines())
                .with("unchained_lines", result.sound().unchainedLines())
                .with("checkpoints", result.sound().checkpoints());
        String sound = "sequences " + result.sound().firstSequence() + " to "
                + result.sound().lastSequence() + ", "
                + counted(result.sound().processes(), "process", "processes") + ", "
                + counted(result.sound().checkpoints(), "checkpoint", "checkpoints");
        cli.result(
                json,
                Printable.of(
                        result.isComplete()
                                ? "complete: " + sound
                                : "NOT COMPLETE, " + problem + ": " + result.message()
                                        + (result.sound().lines() == 0 ? "" : " (sound before it: " + sound + ")")));
        if (result.sound().tornLines() > 0) {
            cli.say("note: " + counted(result.sound().tornLines(), "line was", "lines were")
                    + " left half by a process that was killed, and noted by the next");
        }
        if (result.sound().unchainedLines() > 0) {
            cli.say("note: " + counted(result.sound().unchainedLines(), "line", "lines")
                    + " at the beginning are from before events were chained, and prove nothing");
        }
        long signed = 0;
        for (Checkpoint checkpoint : checkpoints) {
            signed = Math.max(signed, checkpoint.sequence());
        }
        if (result.isComplete() && signed < result.sound().lastSequence()) {
            cli.say("note: " + (signed == 0 ? "no checkpoint" : "no checkpoint after sequence " + signed)
                    + ": if events were cut off at the end behind it, that does not show");
        }
    }

    private static String counted(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
