package io.cloacina.guard.cli;

import io.cloacina.guard.audit.JsonLine;
import io.cloacina.guard.store.JdbiStore;
import io.cloacina.guard.store.StoreStatus;
import io.cloacina.guard.trust.StoreUnavailableException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(description = "The trust store itself.", synopsisSubcommandLabel = "COMMAND")
final class StoreCommand implements Runnable {

    private final Cli cli;

    @Spec
    private CommandSpec spec;

    StoreCommand(Cli cli) {
        this.cli = cli;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    @Command(
            description = "Make the tables, or adopt those of a reference database.",
            footer = {
                "",
                "A database of the reference keeps its tables and rows; where an old one lacks it, the column"
                        + " package_signatures.org_id is added.",
                "",
                "Examples:",
                "  cloacina store init",
                "  cloacina store init --store postgres://signer@db.example.org/trust"
            })
    int init() throws CliException, StoreUnavailableException {
        try (JdbiStore store = cli.initialisedStore()) {
            print(store.status());
        }
        return ExitStatus.DONE;
    }

    @Command(
            description = "Say what is there. Changes nothing.",
            footer = {"", "Examples:", "  cloacina store status --json"})
    int status() throws CliException, StoreUnavailableException {
        try (JdbiStore store = cli.storeForVerification()) {
            print(store.status());
        }
        return ExitStatus.DONE;
    }

    private void print(StoreStatus status) {
        JsonLine json = new JsonLine()
                .with("store", status.address())
                .with("origin", status.origin())
                .with("dialect", status.dialect())
                .with("schema_version", status.schemaVersion())
                .with("signing_keys", status.signingKeys())
                .with("trusted_keys", status.trustedKeys())
                .with("key_trust_acls", status.grants())
                .with("package_signatures", status.signatures());
        String adopted = status.schemaVersion() == 0 ? ", not adopted yet" : ", schema " + status.schemaVersion();
        cli.result(
                json,
                Printable.of(status.address() + "  (" + status.dialect() + ", made by the " + status.origin() + adopted
                                + ")")
                        + String.format(
                                java.util.Locale.ROOT,
                                "%n  signing keys %d, trusted keys %d, grants %d, signatures %d",
                                status.signingKeys(),
                                status.trustedKeys(),
                                status.grants(),
                                status.signatures()));
    }
}
