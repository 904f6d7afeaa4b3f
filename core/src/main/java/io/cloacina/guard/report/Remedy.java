package io.cloacina.guard.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What makes a package acceptable that was or would be refused, if it is legitimate.
 *
 * @param word one word for it: {@code sign}, {@code trust}, {@code resign}, {@code restore}, {@code allow},
 *     {@code repair}
 * @param advice one or two sentences for people, without anything from the record in them
 * @param steps in the order in which they are to be done; may be empty
 * @param exemptOption the JVM option that lets exactly this path load unverified, quoted for a shell; null where that
 *     would be wrong or cannot be said
 */
public record Remedy(String word, String advice, List<Step> steps, String exemptOption) {

    /**
     * A command to paste.
     *
     * @param when what it is for, or when it is right
     * @param command one line for a POSIX shell
     */
    public record Step(String when, String command) {}

    private static final String UNTRUSTED = "untrusted_signer";

    public Remedy {
        steps = List.copyOf(steps);
    }

    /** Order in which reasons are dealt with: what is most urgent to look at first. */
    static int rank(String reason) {
        return switch (reason) {
            case "tampered_package" -> 0;
            case "invalid_signature" -> 1;
            case UNTRUSTED -> 2;
            case "malformed_signature" -> 3;
            case "signature_not_found" -> 4;
            case "unreadable_package" -> 5;
            case "dynamic_code" -> 6;
            case "store_unavailable" -> 7;
            default -> 8;
        };
    }

    /** What a reason means, in a few words. */
    public static String meaning(String reason) {
        return switch (reason) {
            case "tampered_package" -> "changed after it was signed";
            case "invalid_signature" -> "the signature is not by the key it names";
            case UNTRUSTED -> "signed by a key that is not trusted";
            case "malformed_signature" -> "the signature file is damaged";
            case "signature_not_found" -> "nobody has signed it";
            case "unreadable_package" -> "the file could not be read";
            case "dynamic_code" -> "code that is in no package";
            case "store_unavailable" -> "the trust store did not answer";
            case "audit_unavailable" -> "the decision could not be recorded";
            case "internal_error" -> "the guard itself failed";
            default -> "a reason this program does not know";
        };
    }

    /** @param withOrg whether commands name the organisation */
    public static Remedy of(Finding finding, Report report, boolean withOrg) {
        return new Maker(finding, report, withOrg).make();
    }

    /** As one word of a shell. */
    public static String quoted(String text) {
        return ShellWord.of(text);
    }

    private static final class Maker {
        private final Finding finding;
        private final String common;
        private final String key;
        private final boolean isFile;
        private final String word;

        Maker(Finding finding, Report report, boolean withOrg) {
            this.finding = finding;
            String org = finding.org();
            this.common = withOrg && org != null ? " --org " + ShellWord.of(org) : "";
            this.key = report.signingKey() == null ? "KEY" : ShellWord.of(report.signingKey());
            String path = finding.path();
            // U+FFFD stands for bytes that are no text: the file's real name is not in the record.
            this.isFile = path.startsWith("/") && path.indexOf('\ufffd') < 0 && !finding.isPathCut();
            this.word = ShellWord.of(path);
        }

        private boolean is(String kind) {
            return kind.equals(finding.kind());
        }

        Remedy make() {
            return switch (finding.reason()) {
                case "signature_not_found" -> notFound();
                case UNTRUSTED -> finding.isSignerRevoked() ? revoked() : untrusted();
                case "tampered_package" -> is("class") ? woven() : tampered();
                case "invalid_signature" -> invalid();
                case "malformed_signature" -> malformed();
                case "unreadable_package" -> unreadable();
                case "store_unavailable" ->
                    new Remedy(
                            "repair",
                            "Nothing is wrong with the package: the guard could not ask whom to trust.",
                            List.of(
                                    new Step("look at the store", "cloacina store status"),
                                    new Step("and at everything around it", "cloacina doctor")),
                            null);
                case "dynamic_code" ->
                    new Remedy(
                            "allow",
                            "The code was made while running and is in no file that could be signed. Frameworks that"
                                    + " generate classes need the agent's option -Dcloacina.dynamic_code=allow.",
                            List.of(),
                            null);
                case "audit_unavailable" ->
                    new Remedy(
                            "repair",
                            "See to it that events can be written: disk space, permissions, the folder of the file.",
                            List.of(new Step("look", "cloacina doctor")),
                            null);
                default ->
                    new Remedy(
                            "repair",
                            "See the guard's message, and what doctor says on that host.",
                            List.of(new Step("look", "cloacina doctor")),
                            null);
            };
        }

        private Remedy notFound() {
            return new Remedy(
                    "sign",
                    isFile
                            ? "Nobody has signed it. If it is what you mean to run, sign it."
                            : elsewhere("Nobody has signed it. "),
                    List.of(sign("if it is legitimate")),
                    exempt());
        }

        private Remedy untrusted() {
            List<Step> steps = new ArrayList<>();
            String fingerprint = finding.signer();
            if (fingerprint != null && fingerprint.matches("[0-9a-f]{64}")) {
                steps.add(new Step(
                        "must print " + fingerprint,
                        "openssl pkey -pubin -in SIGNER.pem -outform DER | tail -c 32 | sha256sum"));
            }
            steps.add(new Step("if you trust whoever holds that key", "cloacina trust add SIGNER.pem" + common));
            steps.add(sign("or vouch for this package alone, with a key of yours"));
            return new Remedy(
                    "trust",
                    "Somebody has signed it whose key you do not trust. Ask the signer for the public key"
                            + " (SIGNER.pem), by another way than the package came, and compare its fingerprint.",
                    steps,
                    exempt());
        }

        private Remedy revoked() {
            return new Remedy(
                    "resign",
                    "Trust in its signer's key was taken back, so do not trust the key again. Find out whether this"
                            + " package is what you had approved; if so, sign it with a key that still counts.",
                    List.of(sign("only after you have checked the package")),
                    null);
        }

        private Remedy tampered() {
            List<Step> steps = new ArrayList<>();
            if (isFile) {
                steps.add(new Step("look first", "cloacina verify " + common() + target()));
            }
            steps.add(sign("only if the change is yours"));
            return new Remedy(
                    "restore",
                    "Its bytes are not those that were signed. Put the original back, and find out who changed it."
                            + " Sign it anew only if you know the change and want it.",
                    steps,
                    null);
        }

        private Remedy woven() {
            return new Remedy(
                    "allow",
                    "A class was defined with other bytes than the package has. If the host weaves classes before it"
                            + " defines them, the agent's option -Dcloacina.woven_classes=allow records that instead;"
                            + " if it does not, somebody else changed the class.",
                    List.of(),
                    null);
        }

        private Remedy invalid() {
            return new Remedy(
                    "restore",
                    "It carries a signature that the named key did not make: damaged, or forged. Get package and"
                            + " signature again from where they come from; sign anew only what you have checked.",
                    List.of(sign("only after you have checked the package")),
                    null);
        }

        private Remedy malformed() {
            List<Step> steps = new ArrayList<>();
            if (isFile) {
                steps.add(new Step("see what is wrong with it", "cloacina verify " + common() + target()));
            }
            steps.add(sign("if the package is legitimate, write the signature anew"));
            return new Remedy(
                    "resign",
                    "The .sig file beside it cannot be read as a signature. Copy it again from where it was made, or"
                            + " sign anew.",
                    steps,
                    exempt());
        }

        private Remedy unreadable() {
            return new Remedy(
                    "repair",
                    "The file is missing, is no regular file, or this user may not read it. Signing does not help.",
                    isFile ? List.of(new Step("look", "ls -ld -- " + word)) : List.of(),
                    null);
        }

        private String common() {
            return common.isEmpty() ? "" : common.substring(1) + " ";
        }

        private String target() {
            return is("directory") ? "--tree " + word : word;
        }

        private Step sign(String when) {
            String options = common() + "--key " + key + " ";
            return isFile
                    ? new Step(when, "cloacina sign " + options + target())
                    : new Step(when, "cloacina sign " + options + "--no-detached FILE");
        }

        private String elsewhere(String beginning) {
            return beginning
                    + (finding.path().startsWith("/")
                            ? "Its name cannot be given here in full (too long, or not text): name it yourself as FILE."
                            : "It is not a plain file: save what was loaded as FILE, check it, and store a signature of"
                                    + " its content.");
        }

        /** A glob that fits this path and no other of its length. */
        private String exempt() {
            if (!isFile || is("class")) {
                return null;
            }
            StringBuilder glob = new StringBuilder("-Dcloacina.exempt=");
            String path = finding.path();
            for (int i = 0; i < path.length(); i++) {
                char c = path.charAt(i);
                if (c == ',' || i == path.length() - 1 && Character.isWhitespace(c)) {
                    // The option is a list with commas, whose parts are stripped.
                    glob.append('?');
                } else {
                    glob.append("*?[]{}\\".indexOf(c) >= 0 ? "\\" : "").append(c);
                }
            }
            return ShellWord.of(glob.toString());
        }
    }
}
