package io.cloacina.guard.agent.weave;

import io.cloacina.guard.agent.quiet.QuietDefaults;
import io.cloacina.guard.agent.quiet.QuietLevel;
import io.cloacina.guard.agent.quiet.QuietLogger;
import io.cloacina.guard.agent.quiet.QuietPool;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.SimpleRemapper;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Has the libraries in the pack call {@code io.cloacina.guard.agent.quiet} instead of what would settle the application's
 * log manager, time zone or common pool. A part of the build.
 */
final class QuietLibraries {

    private static final String QUIET = internal(QuietDefaults.class);

    /** Classes in place of classes. */
    private static final Map<String, String> CLASSES = Map.of(
            "java/util/logging/Logger", internal(QuietLogger.class),
            "java/util/logging/Level", internal(QuietLevel.class),
            "java/util/concurrent/ForkJoinPool", internal(QuietPool.class));

    /** Static methods in whose place {@link QuietDefaults} has one of the same name and descriptor. */
    private static final Set<String> METHODS = Set.of(
            "java/util/TimeZone.getDefault()Ljava/util/TimeZone;",
            "org/sqlite/date/FastDateFormat.getInstance(Ljava/lang/String;)Lorg/sqlite/date/FastDateFormat;",
            "org/sqlite/util/LoggerFactory.getLogger(Ljava/lang/Class;)Lorg/sqlite/util/Logger;");

    /** A calendar in the default time zone; PostgreSQL's driver makes one for every connection. */
    private static final String CALENDAR = "java/util/GregorianCalendar.<init>()V";

    /** What was replaced in the class at hand. */
    private final Set<String> replaced = new HashSet<>();

    /**
     * Changes the classes of libraries in {@code jar}.
     *
     * @throws IllegalStateException if one of the calls is nowhere: the library has changed, and so must this
     */
    static void quieten(PackJar jar) {
        QuietLibraries quiet = new QuietLibraries();
        Map<String, byte[]> changed = new HashMap<>();
        Set<String> missing = new HashSet<>(METHODS);
        missing.addAll(CLASSES.keySet());
        missing.add(CALENDAR);
        for (String name : jar.names()) {
            if (name.endsWith(".class") && !name.startsWith("io/cloacina/") && !name.startsWith("net/bytebuddy/")) {
                quiet.replaced.clear();
                byte[] quieter = quiet.quieten(jar.get(name));
                if (!quiet.replaced.isEmpty()) {
                    changed.put(name, quieter);
                    missing.removeAll(quiet.replaced);
                }
            }
        }
        changed.forEach(jar::put);
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no library uses " + missing + " any more");
        }
    }

    private byte[] quieten(byte[] classFile) {
        ClassReader reader = OpenedClassReader.of(classFile);
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        reader.accept(new ClassRemapper(new Calls(writer), new Names()), 0);
        return writer.toByteArray();
    }

    private static String internal(Class<?> type) {
        return type.getName().replace('.', '/');
    }

    private final class Names extends SimpleRemapper {
        Names() {
            super(OpenedClassReader.ASM_API, CLASSES);
        }

        @Override
        public String map(String name) {
            String other = super.map(name);
            if (other != null) {
                replaced.add(name);
            }
            return other;
        }
    }

    private final class Calls extends ClassVisitor {
        Calls(ClassVisitor next) {
            super(OpenedClassReader.ASM_API, next);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] thrown) {
            return new MethodVisitor(api, super.visitMethod(access, name, type, generic, thrown)) {
                @Override
                public void visitMethodInsn(int opcode, String owner, String called, String of, boolean onInterface) {
                    String method = owner + "." + called + of;
                    if (opcode == Opcodes.INVOKESTATIC && METHODS.contains(method)) {
                        replaced.add(method);
                        super.visitMethodInsn(opcode, QUIET, called, of, false);
                    } else if (method.equals(CALENDAR)) {
                        replaced.add(CALENDAR);
                        super.visitMethodInsn(
                                Opcodes.INVOKESTATIC, QUIET, "getDefault", "()Ljava/util/TimeZone;", false);
                        super.visitMethodInsn(opcode, owner, called, "(Ljava/util/TimeZone;)V", false);
                    } else {
                        super.visitMethodInsn(opcode, owner, called, of, onInterface);
                    }
                }
            };
        }
    }
}
