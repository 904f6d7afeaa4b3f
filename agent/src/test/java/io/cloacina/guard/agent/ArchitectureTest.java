// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cloacina.guard.agent.bootstrap.GuardPack;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Type;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;
import net.bytebuddy.utility.OpenedClassReader;
import org.junit.jupiter.api.Test;

/** Reads the compiled agent: which package knows which, and what is called on a hook's way. */
class ArchitectureTest {

    private static final String ROOT = "io/cloacina/guard/agent/";

    /** Each knows only those before it. */
    private static final List<String> ORDER = List.of(
            "api",
            "bootstrap",
            "format",
            "jdk",
            "snapshot",
            "gate",
            "instruments",
            "weave",
            "selftest",
            "shim",
            "packaging",
            "start");

    /** Of whose objects an application may hand in one that it has written itself. */
    private static final Set<String> HANDED_IN = Set.of(
            "java/lang/Thread",
            "java/lang/ThreadGroup",
            "java/lang/ClassLoader",
            "java/net/URL",
            "java/net/URLClassLoader",
            "java/net/URLConnection",
            "java/security/CodeSource",
            "java/security/ProtectionDomain",
            "java/util/Properties",
            "java/nio/file/Path",
            "java/nio/file/FileSystem",
            "java/io/File",
            "java/util/jar/JarFile",
            "java/util/zip/ZipFile",
            "java/lang/Throwable",
            "javax/management/MBeanServer");

    private static Path classes() throws URISyntaxException {
        return Path.of(GuardPack.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static List<ClassReader> readers(String... packages) throws IOException, URISyntaxException {
        List<ClassReader> readers = new ArrayList<>();
        for (String name : packages) {
            try (Stream<Path> files = Files.list(classes().resolve(ROOT + name))) {
                for (Path file : files.filter(one -> one.toString().endsWith(".class"))
                        .sorted()
                        .toList()) {
                    readers.add(OpenedClassReader.of(Files.readAllBytes(file)));
                }
            }
        }
        assertFalse(readers.isEmpty(), "nothing was compiled");
        return readers;
    }

    private static Set<String> packagesUsedBy(ClassReader reader) {
        Set<String> used = new TreeSet<>();
        reader.accept(
                new ClassRemapper(new ClassWriter(0), new Remapper(OpenedClassReader.ASM_API) {
                    @Override
                    public String map(String name) {
                        if (name.startsWith(ROOT) && name.indexOf('/', ROOT.length()) > 0) {
                            used.add(name.substring(ROOT.length(), name.indexOf('/', ROOT.length())));
                        }
                        return name;
                    }
                }),
                0);
        return used;
    }

    @Test
    void packages_knowOnlyThoseBelowThem() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (String name : ORDER) {
            for (ClassReader reader : readers(name)) {
                for (String used : packagesUsedBy(reader)) {
                    if (ORDER.indexOf(used) < 0 || ORDER.indexOf(used) > ORDER.indexOf(name)) {
                        wrong.add(reader.getClassName() + " knows " + used);
                    }
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void packages_areAllInTheOrder() throws Exception {
        try (Stream<Path> directories = Files.list(classes().resolve(ROOT))) {
            Set<String> found = new TreeSet<>(directories
                    .filter(Files::isDirectory)
                    .map(directory -> directory.getFileName().toString())
                    .toList());
            // The first stage, which knows nothing but the boot loader's part.
            assertTrue(found.remove("sealing"));
            assertEquals(new TreeSet<>(ORDER), found);
        }
        for (ClassReader reader : readers("sealing")) {
            Set<String> used = packagesUsedBy(reader);
            used.removeAll(Set.of("sealing", "bootstrap"));
            assertEquals(Set.of(), used, reader.getClassName());
        }
    }

    @Test
    void sourceFiles_haveAtMost400Lines() throws Exception {
        Path sources = classes().resolve("../../src/main/java").normalize();
        List<String> tooLong = new ArrayList<>();
        int read = 0;
        try (Stream<Path> files = Files.walk(sources)) {
            for (Path file :
                    files.filter(one -> one.toString().endsWith(".java")).toList()) {
                read++;
                if (Files.readAllLines(file).size() > 400) {
                    tooLong.add(sources.relativize(file).toString());
                }
            }
        }
        assertTrue(read > 50, sources::toString);
        assertEquals(List.of(), tooLong);
    }

    private static boolean isOverridable(String owner, String name, String descriptor) {
        try {
            Class<?> type = Class.forName(owner.replace('/', '.'));
            if (Modifier.isFinal(type.getModifiers())) {
                return false;
            }
            for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
                for (Method method : declaring.getDeclaredMethods()) {
                    if (method.getName().equals(name)
                            && Type.getMethodDescriptor(method).equals(descriptor)) {
                        return !Modifier.isFinal(method.getModifiers());
                    }
                }
            }
            return true;
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Every call of a method that an application could have overridden, in what runs on its threads. Each of these goes to an
     * object that the guard or the JDK has made, which is to be made sure of before one is added here.
     */
    @Test
    void callsOnAHooksWay_toObjectsThatAnApplicationMayHandIn_areKnown() throws Exception {
        Map<String, Set<String>> calls = new TreeMap<>();
        for (ClassReader reader : readers("gate", "snapshot", "bootstrap", "weave")) {
            String caller =
                    reader.getClassName().substring(reader.getClassName().lastIndexOf('/') + 1);
            reader.accept(
                    new ClassVisitor(OpenedClassReader.ASM_API) {
                        @Override
                        public MethodVisitor visitMethod(
                                int access, String name, String descriptor, String generic, String[] thrown) {
                            return new MethodVisitor(api) {
                                @Override
                                public void visitMethodInsn(
                                        int opcode, String owner, String called, String type, boolean onInterface) {
                                    boolean virtual = !called.equals(MethodDescription.CONSTRUCTOR_INTERNAL_NAME)
                                            && opcode != net.bytebuddy.jar.asm.Opcodes.INVOKESTATIC;
                                    if (virtual && HANDED_IN.contains(owner) && isOverridable(owner, called, type)) {
                                        calls.computeIfAbsent(
                                                        owner.substring(owner.lastIndexOf('/') + 1) + "." + called,
                                                        key -> new TreeSet<>())
                                                .add(caller);
                                    }
                                }
                            };
                        }
                    },
                    0);
        }
        StringBuilder lines = new StringBuilder();
        calls.forEach((call, callers) -> lines.append(call)
                .append(": ")
                .append(String.join(" ", callers))
                .append('\n'));

        assertEquals(
                Files.readString(Path.of(ArchitectureTest.class
                        .getResource("calls-on-a-hooks-way.txt")
                        .toURI())),
                lines.toString(),
                () -> "differs from src/test/resources: "
                        + Arrays.toString(calls.keySet().toArray()));
    }
}
