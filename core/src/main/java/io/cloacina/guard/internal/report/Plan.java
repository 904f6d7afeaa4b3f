// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.internal.report;

import io.cloacina.guard.internal.report.Remedy.Setting;
import io.cloacina.guard.internal.report.Remedy.Target;
import io.cloacina.guard.internal.text.ShellWord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about all that is open: few commands, in an order in which none undoes another, and options for
 * the agent. What a person must decide first is not among the commands but a step of each finding's {@link #remedy}.
 */
public final class Plan {

    private final Report report;
    private final boolean withOrg;
    private final RemedyMaker maker;
    private final IdentityHashMap<Finding, Remedy> remedies = new IdentityHashMap<>();
    private final List<Command> commands = new ArrayList<>();
    private final List<Option> options = new ArrayList<>();

    /**
     * A command to paste.
     *
     * @param what in a few words
     * @param command one line for a POSIX shell
     */
    public record Command(String what, String command) {}

    /**
     * An option of the JVM.
     *
     * @param option one word of a shell
     * @param isNeeded whether packages do not load without it; else it is there to choose
     */
    public record Option(String why, String option, boolean isNeeded) {}

    /**
     * Findings with the same reason and the same advice.
     *
     * @param reason under which people must look at them
     */
    public record Group(String reason, String advice, List<Finding> findings) {}

    private Plan(Report report, boolean withOrg) {
        Disk disk = new Disk();
        this.report = report;
        this.withOrg = withOrg;
        this.maker = new RemedyMaker(report, withOrg, disk);
        Map<Signing, SignCommands> signings = new TreeMap<>();
        Map<Setting, TreeSet<String>> settings = new LinkedHashMap<>();
        for (Finding finding : report.openFindings()) {
            Remedy remedy = remedy(finding);
            Target target = remedy.target();
            SignCommands signing = signings.computeIfAbsent(
                    new Signing(finding.org() == null ? "" : finding.org(), Target.isVersion2Asked(finding)),
                    absent -> new SignCommands(report, disk));
            if (target != null) {
                signing.add(target);
            }
            if (remedy.setting() != null) {
                Setting setting = remedy.setting();
                settings.computeIfAbsent(
                                new Setting(setting.name(), "", setting.why(), setting.isNeeded()),
                                absent -> new TreeSet<>())
                        .add(setting.value());
            }
        }
        signings.forEach((how, signing) -> commands.addAll(signing.commands(beginning(how), signings.values())));
        settings.forEach((setting, values) -> options.add(new Option(
                setting.why(),
                ShellWord.of("-D" + setting.name() + "=" + String.join(",", values)),
                setting.isNeeded())));
    }

    /** For all that is open in a report. Looks for its paths on this machine. */
    public static Plan of(Report report) {
        return new Plan(report, report.orgs().size() > 1);
    }

    /** The same for programs, which may run one command without having run another: each names its organisation. */
    public static Plan forPrograms(Report report) {
        return new Plan(report, true);
    }

    /** What one command signs: for one organisation, and in one format. */
    private record Signing(String org, boolean version2) implements Comparable<Signing> {
        @Override
        public int compareTo(Signing other) {
            int byOrg = org.compareTo(other.org);
            return byOrg == 0 ? Boolean.compare(version2, other.version2) : byOrg;
        }
    }

    private String beginning(Signing how) {
        return "cloacina sign " + (withOrg && !how.org().isEmpty() ? "--org " + ShellWord.of(how.org()) + " " : "")
                + RemedyMaker.keyOption(report) + (how.version2() ? " --format 2 " : " ");
    }

    /** What to do about one finding of the report. */
    public Remedy remedy(Finding finding) {
        return remedies.computeIfAbsent(finding, maker::make);
    }

    /** All that is open, most urgent first, in a group the packages of a directory together. */
    public List<Group> groups() {
        Map<String, Map<String, List<Finding>>> byReason = new LinkedHashMap<>();
        for (Finding finding : report.openFindings()) {
            byReason.computeIfAbsent(finding.shownReason(), absent -> new LinkedHashMap<>())
                    .computeIfAbsent(remedy(finding).advice(), absent -> new ArrayList<>())
                    .add(finding);
        }
        List<Group> groups = new ArrayList<>();
        byReason.forEach((reason, byAdvice) -> byAdvice.forEach((advice, findings) -> {
            findings.sort(Comparator.comparing((Finding finding) -> PackagePath.directory(finding.path()))
                    .thenComparing(Finding::path));
            groups.add(new Group(reason, advice, findings));
        }));
        return groups;
    }

    /** In the order in which they must run. */
    public List<Command> commands() {
        return List.copyOf(commands);
    }

    public List<Option> options() {
        return List.copyOf(options);
    }

    /** What the reader must put in the place of a word in the commands; null if nothing. */
    public @Nullable String placeholder() {
        if (commands.isEmpty() || report.signingKey() != null) {
            return null;
        }
        return report.orgs().isEmpty()
                ? "KEY.pem is the file of your private key"
                : "KEY is your signing key (cloacina key list; --key fills it in)";
    }
}
