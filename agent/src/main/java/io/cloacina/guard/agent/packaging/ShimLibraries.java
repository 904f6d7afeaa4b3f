// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.packaging;

import io.cloacina.guard.agent.shim.NoOpLevel;
import io.cloacina.guard.agent.shim.NoOpLogger;
import io.cloacina.guard.agent.shim.NoOpRecord;
import io.cloacina.guard.agent.shim.ShimDefaults;
import io.cloacina.guard.agent.shim.ThreadPerTask;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import net.bytebuddy.jar.asm.commons.SimpleRemapper;
import net.bytebuddy.utility.OpenedClassReader;

/**
 * Has the libraries in the pack call {@code io.cloacina.guard.agent.shim} instead of what would settle the
 * application's log manager, time zone or common pool. A part of the build.
 */
final class ShimLibraries {

    private static final String DEFAULTS = internal(ShimDefaults.class);

    /** Classes in place of classes. */
    private static final Map<String, Class<?>> CLASSES = Map.of(
            "java/util/logging/Logger", NoOpLogger.class,
            "java/util/logging/Level", NoOpLevel.class,
            "java/util/logging/LogRecord", NoOpRecord.class,
            "java/util/concurrent/ForkJoinPool", ThreadPerTask.class);

    /** Static methods in whose place {@link ShimDefaults} has one of the same name and descriptor. */
    private static final Set<String> METHODS = Set.of(
            "java/util/TimeZone.getDefault()Ljava/util/TimeZone;",
            "java/time/ZoneId.systemDefault()Ljava/time/ZoneId;",
            "java/text/NumberFormat.getIntegerInstance()Ljava/text/NumberFormat;",
            "org/bouncycastle/crypto/CryptoServicesRegistrar.checkConstraints"
                    + "(Lorg/bouncycastle/crypto/CryptoServiceProperties;)V",
            "org/sqlite/date/FastDateFormat.getInstance(Ljava/lang/String;)Lorg/sqlite/date/FastDateFormat;",
            "org/sqlite/util/LoggerFactory.getLogger(Ljava/lang/Class;)Lorg/sqlite/util/Logger;");

    /** A calendar in the default time zone. */
    private static final String CALENDAR = "java/util/GregorianCalendar.<init>()V";

    /**
     * PostgreSQL's driver makes one for every connection, for kinds of times that the guard does not ask for. It would
     * have the JDK look for the data of the default locale.
     */
    private static final String WITHOUT_CALENDAR = "org/postgresql/jdbc/TimestampUtils";

    /** The driver's reflection on the security manager, whose class takes the first connection a dozen lambdas. */
    private static final String FOR_NAME =
            "java/lang/Class.forName(Ljava/lang/String;ZLjava/lang/ClassLoader;)Ljava/lang/Class;";

    /** The classes that do nothing else by it. */
    private static final Set<String> WITHOUT_SECURITY_MANAGER =
            Set.of("org/postgresql/Driver", "org/postgresql/jdbc/PgConnection");

    /** What was replaced in the class at hand. */
    private final Set<String> replaced = new HashSet<>();

    /**
     * Changes the classes of libraries in {@code jar}.
     *
     * @throws IllegalStateException if one of the calls is nowhere, or goes to what {@code shim} does not have: a
     *     library has changed, and so must this
     */
    static void connect(PackJar jar) {
        ShimLibraries shims = new ShimLibraries();
        Map<String, byte[]> changed = new HashMap<>();
        Set<String> missing = new HashSet<>(METHODS);
        missing.addAll(CLASSES.keySet());
        missing.add(CALENDAR);
        missing.add(WITHOUT_CALENDAR);
        for (String caller : WITHOUT_SECURITY_MANAGER) {
            missing.add(caller + FOR_NAME);
        }
        for (String name : jar.names()) {
            if (name.endsWith(".class") && !name.startsWith("io/cloacina/") && !name.startsWith("net/bytebuddy/")) {
                shims.replaced.clear();
                byte[] connected = shims.connect(Objects.requireNonNull(jar.get(name)));
                if (!shims.replaced.isEmpty()) {
                    changed.put(name, connected);
                    missing.removeAll(shims.replaced);
                }
            }
        }
        changed.forEach(jar::put);
        callRealContinuation(jar);
        if (!missing.isEmpty()) {
            throw new IllegalStateException("no library uses " + missing + " any more");
        }
    }

    /** One class is compiled against a stand-in for a class of the JDK that the compiler does not have. */
    private static void callRealContinuation(PackJar jar) {
        String caller = "io/cloacina/guard/agent/jdk/KeptCarrier.class";
        String standIn = "io/cloacina/guard/agent/jdk/Continuation";
        ClassWriter writer = new ClassWriter(0);
        OpenedClassReader.of(jar.get(caller))
                .accept(
                        new ClassRemapper(
                                writer,
                                new SimpleRemapper(OpenedClassReader.ASM_API, standIn, "jdk/internal/vm/Continuation")),
                        0);
        jar.put(caller, writer.toByteArray());
        jar.remove(standIn + ".class");
    }

    private byte[] connect(byte[] classFile) {
        ClassReader reader = OpenedClassReader.of(classFile);
        ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
        reader.accept(new ClassRemapper(new Calls(writer), new Names()), 0);
        return writer.toByteArray();
    }

    private static String internal(Class<?> type) {
        return type.getName().replace('.', '/');
    }

    private final class Names extends Remapper {
        Names() {
            super(OpenedClassReader.ASM_API);
        }

        @Override
        public String map(String name) {
            Class<?> other = CLASSES.get(name);
            if (other == null) {
                return name;
            }
            replaced.add(name);
            return internal(other);
        }
    }

    private static void requireMember(String caller, String owner, String name, String type) {
        for (Class<?> shim : CLASSES.values()) {
            if (internal(shim).equals(owner) && !members(shim).contains(name + type)) {
                throw new IllegalStateException(
                        "[" + caller + "] uses [" + name + type + "], which " + shim.getName() + " does not have");
            }
        }
    }

    private static Set<String> members(Class<?> type) {
        Set<String> members = new HashSet<>();
        for (Method method : type.getMethods()) {
            members.add(method.getName() + Type.getMethodDescriptor(method));
        }
        for (Constructor<?> constructor : type.getConstructors()) {
            members.add("<init>" + Type.getConstructorDescriptor(constructor));
        }
        for (Field field : type.getFields()) {
            members.add(field.getName() + Type.getDescriptor(field.getType()));
        }
        return members;
    }

    private final class Calls extends ClassVisitor {
        private String caller = "";

        Calls(ClassVisitor next) {
            super(OpenedClassReader.ASM_API, next);
        }

        @Override
        public void visit(int version, int access, String name, String generic, String base, String[] interfaces) {
            caller = name;
            super.visit(version, access, name, generic, base, interfaces);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] thrown) {
            return new MethodVisitor(api, super.visitMethod(access, name, type, generic, thrown)) {
                @Override
                public void visitMethodInsn(int opcode, String owner, String called, String of, boolean onInterface) {
                    requireMember(caller, owner, called, of);
                    String method = owner + "." + called + of;
                    if (method.equals(FOR_NAME) && WITHOUT_SECURITY_MANAGER.contains(caller)) {
                        replaced.add(caller + FOR_NAME);
                        super.visitMethodInsn(opcode, DEFAULTS, called, of, false);
                    } else if (method.equals(CALENDAR) && caller.equals(WITHOUT_CALENDAR)) {
                        replaced.add(WITHOUT_CALENDAR);
                        super.visitInsn(Opcodes.POP2);
                        super.visitInsn(Opcodes.ACONST_NULL);
                    } else if (opcode == Opcodes.INVOKESTATIC && METHODS.contains(method)) {
                        replaced.add(method);
                        super.visitMethodInsn(opcode, DEFAULTS, called, of, false);
                    } else if (method.equals(CALENDAR)) {
                        replaced.add(CALENDAR);
                        super.visitMethodInsn(
                                Opcodes.INVOKESTATIC, DEFAULTS, "getDefault", "()Ljava/util/TimeZone;", false);
                        super.visitMethodInsn(opcode, owner, called, "(Ljava/util/TimeZone;)V", false);
                    } else {
                        super.visitMethodInsn(opcode, owner, called, of, onInterface);
                    }
                }

                @Override
                public void visitFieldInsn(int opcode, String owner, String field, String of) {
                    requireMember(caller, owner, field, of);
                    super.visitFieldInsn(opcode, owner, field, of);
                }
            };
        }
    }
}
