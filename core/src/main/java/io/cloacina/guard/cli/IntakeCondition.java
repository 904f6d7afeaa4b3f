// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.cli;

import io.cloacina.guard.audit.AuditEvent;
import io.cloacina.guard.audit.AuditFailedException;
import io.cloacina.guard.audit.AuditLog;
import io.cloacina.guard.audit.PackageEvents;
import io.cloacina.guard.crypto.PackageHash;
import io.cloacina.guard.internal.changes.Changes;
import io.cloacina.guard.internal.intake.Evidence;
import io.cloacina.guard.internal.intake.Intake;
import io.cloacina.guard.internal.intake.IntakeRefusedException;
import io.cloacina.guard.internal.store.JdbiStore;
import io.cloacina.guard.internal.text.JsonLine;
import io.cloacina.guard.internal.text.KeyText;
import io.cloacina.guard.internal.text.Printable;
import io.cloacina.guard.internal.trust.IntakeRow;
import io.cloacina.guard.trust.StoreUnavailableException;
import io.cloacina.guard.verify.UnreadablePackageException;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * That what was named vouches for a package. What does is stored and recorded before the package is signed, so whatever
 * kills the process, no signature is there whose reason is not.
 */
final class IntakeCondition implements SigningCondition {

    /** Wide enough for the fingerprint of an OpenPGP key. */
    private static final int WIDTH = 44;

    private final Cli cli;
    private final Intake intake;
    private final @Nullable UUID org;
    private final @Nullable JdbiStore store;
    private final AuditLog audit;
    private final Changes changes;
    private final Map<SignTarget, Intake.Taken> taken = new ConcurrentHashMap<>();
    private final Map<SignTarget, IntakeRefusedException> refused = new ConcurrentHashMap<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();

    /**
     * @param org who takes the packages in; may be null if nothing is stored
     * @param store where evidence is kept; null if nothing is stored
     * @param changes of the store
     */
    IntakeCondition(
            Cli cli, Intake intake, @Nullable UUID org, @Nullable JdbiStore store, AuditLog audit, Changes changes) {
        this.cli = cli;
        this.intake = intake;
        this.org = org;
        this.store = store;
        this.audit = audit;
        this.changes = changes;
    }

    @Override
    public PackageHash check(SignTarget target) throws CliException {
        try {
            Intake.Taken good = intake.check(target.path(), read -> {});
            taken.put(target, good);
            return good.hash();
        } catch (IntakeRefusedException e) {
            refused.put(target, e);
            throw CliException.refused(e.reason().code(), String.valueOf(e.getMessage()));
        } catch (UnreadablePackageException e) {
            throw CliException.trouble("unreadable_package", KeyText.shown(e.getMessage()), e);
        } catch (IOException e) {
            throw CliException.trouble(
                    "unreadable_file",
                    "what should vouch for [" + target.path() + "] cannot be read: " + Cli.reason(e),
                    e);
        }
    }

    @Override
    public void keep(List<SignTarget> targets) throws StoreUnavailableException, AuditFailedException {
        Instant now = cli.environment().clock().instant().truncatedTo(ChronoUnit.MICROS);
        List<IntakeRow> rows = new ArrayList<>();
        for (SignTarget target : targets) {
            Intake.Taken good = Objects.requireNonNull(taken.get(target));
            PackageHash hash = good.hash();
            changes.packageAt(hash, target.absolute());
            for (Evidence one : good.evidence()) {
                if (store == null) {
                    audit.record(PackageEvents.takenIn(
                            org, target.absolute(), hash, one.kind(), one.identity(), one.digest()));
                } else {
                    rows.add(new IntakeRow(
                            UUID.randomUUID(),
                            Objects.requireNonNull(org),
                            hash,
                            one.kind(),
                            one.identity(),
                            one.digest(),
                            now));
                }
            }
        }
        if (store != null) {
            store.intakes().addAll(rows);
            changes.record();
        }
    }

    @Override
    public @Nullable AuditEvent refusal(SignTarget target, CliException why) {
        IntakeRefusedException reason = refused.get(target);
        return reason == null
                ? null
                : PackageEvents.notTakenIn(
                        org, target.absolute(), reason.reason().code(), reason.getMessage());
    }

    @Override
    public JsonLine describe(SignTarget target, JsonLine json) {
        List<Map<String, Object>> evidence = new ArrayList<>();
        Intake.Taken good = taken.get(target);
        if (good != null) {
            for (Evidence one : good.evidence()) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("kind", one.kind());
                fields.put("identity", one.identity());
                fields.put("digest", one.digest());
                evidence.add(fields);
            }
        }
        return json.with("evidence", evidence);
    }

    /** A line of a table: what has vouched for the package, then what became of it. */
    @Override
    public String describe(SignTarget target, String line, boolean done) {
        Intake.Taken good = taken.get(target);
        if (good == null || !done) {
            IntakeRefusedException reason = refused.get(target);
            return padded(reason == null ? "-" : reason.reason().code()) + line;
        }
        List<String> evidence = new ArrayList<>();
        for (Evidence one : good.evidence()) {
            String identity = one.kind() + " " + one.identity();
            evidence.add(identity);
            counts.merge(one.detail().isEmpty() ? identity : identity + " (" + one.detail() + ")", 1, Integer::sum);
        }
        return padded(String.join(", ", evidence)) + line;
    }

    private static String padded(String text) {
        String shown = Printable.of(text);
        return shown + " ".repeat(Math.max(0, WIDTH - shown.length())) + "  ";
    }

    /** Says how many packages were taken in by what; after all of them. */
    void sum() {
        counts.forEach((evidence, packages) ->
                cli.say(packages + (packages == 1 ? " package" : " packages") + " taken in by " + evidence));
    }
}
