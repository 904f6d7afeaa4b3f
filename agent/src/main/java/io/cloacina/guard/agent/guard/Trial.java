package io.cloacina.guard.agent.guard;

import io.cloacina.guard.agent.api.PackageRefusedException;
import java.io.File;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The loads of the start-up check: what lies in a folder that was made for it is refused, or let pass, without
 * signature and without event, and which hook asked is noted. Once over, it is over for good.
 */
public final class Trial {

    /** Files whose name begins with this are let pass, everything else is refused. */
    public static final String ALLOWED_PREFIX = "allowed";

    /** The classes that the check defines without any file are in this package. */
    public static final String CLASS_PREFIX = "cloacina.trial.";

    private final String folder;
    private final Set<String> seen = ConcurrentHashMap.newKeySet();
    private volatile boolean over;

    Trial(Path folder) {
        this.folder = folder + File.separator;
    }

    /** Where the files of the check are put. */
    public Path folder() {
        return Path.of(folder);
    }

    boolean concerns(String path) {
        return !over && path != null && path.startsWith(folder);
    }

    boolean allows(String path) {
        return path.startsWith(folder + ALLOWED_PREFIX);
    }

    /** Refuses a class without a file that belongs to the check: it is in the package that is made up for it. */
    void requireNotConcerned(byte[] bytes, String hook) {
        if (!over && ClassName.of(bytes).startsWith(CLASS_PREFIX)) {
            throw refuse(hook, CLASS_PREFIX);
        }
    }

    /** The refusal of a load that belongs to the check, through {@code hook}. */
    PackageRefusedException refuse(String hook, String path) {
        note(hook);
        return new PackageRefusedException("refused by the start-up check", path, hook);
    }

    /** Notes that a hook was passed on the way of a load that belongs to the check. */
    void note(String hook) {
        if (!over) {
            seen.add(hook);
        }
    }

    /** The hooks that were passed. */
    public Set<String> seen() {
        return Set.copyOf(seen);
    }

    /** Ends the check; from now on nothing is treated differently because of where it lies. */
    public void end() {
        over = true;
    }
}
