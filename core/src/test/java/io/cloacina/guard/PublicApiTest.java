// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the public packages offer, as compiled: {@code public-api.txt} lists it, and whoever changes it changes that. */
class PublicApiTest {

    private static final String ROOT = "io.cloacina.guard";
    private static final List<String> PUBLIC = List.of("", ".audit", ".crypto", ".sign", ".trust", ".verify");
    private static final Path CLASSES = Path.of("target/classes");
    private static final Path LISTED = Path.of("src/test/resources/io/cloacina/guard/public-api.txt");
    private static final Path FOUND = Path.of("target/public-api.txt");
    private static final int MOST_PARAMETERS = 9;

    /** What every class has. */
    private static final Set<String> OF_OBJECTS = Set.of("equals", "hashCode", "toString");

    private static List<Class<?>> publicTypes() throws IOException, ClassNotFoundException {
        List<Class<?>> types = new ArrayList<>();
        for (String name : PUBLIC) {
            try (Stream<Path> files = Files.list(CLASSES.resolve((ROOT + name).replace('.', '/')))) {
                for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                    String simple = file.getFileName().toString();
                    if (simple.endsWith(".class") && !simple.equals("package-info.class")) {
                        String type = ROOT + name + "." + simple.substring(0, simple.length() - ".class".length());
                        Class<?> found = Class.forName(type, false, PublicApiTest.class.getClassLoader());
                        if (isReachable(found)) {
                            types.add(found);
                        }
                    }
                }
            }
        }
        return types;
    }

    private static boolean isReachable(Class<?> type) {
        return isOffered(type.getModifiers())
                && !type.isAnonymousClass()
                && (type.getEnclosingClass() == null || isReachable(type.getEnclosingClass()));
    }

    private static boolean isOffered(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String shortened(String text) {
        return text.replace(ROOT + ".", "")
                .replaceAll("\\bjava\\.(lang|util|nio\\.file|time|io|security)\\.(?=[A-Z])", "")
                .replaceAll("\\b[\\w.]+\\$", "");
    }

    private static String named(Type... types) {
        return Arrays.stream(types).map(type -> shortened(type.getTypeName())).collect(Collectors.joining(", "));
    }

    private static String line(Class<?> type) {
        String kind = type.isRecord() ? "record" : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
        String sort = type.isSealed() ? "sealed " : Modifier.isAbstract(type.getModifiers()) ? "abstract " : "";
        String above = type.getGenericSuperclass() == null
                        || type.isRecord()
                        || type.isEnum()
                        || type.getSuperclass() == Object.class
                ? ""
                : " extends " + named(type.getGenericSuperclass());
        String interfaces = named(type.getGenericInterfaces());
        return (type.isInterface() ? sort.replace("abstract ", "") : sort) + kind + " "
                + type.getName().replace(ROOT + ".", "") + above
                + (interfaces.isEmpty() ? "" : " : " + interfaces);
    }

    private static List<Member> members(Class<?> type) {
        List<Member> members = new ArrayList<>();
        members.addAll(Arrays.asList(type.getDeclaredFields()));
        members.addAll(Arrays.asList(type.getDeclaredConstructors()));
        for (Method method : type.getDeclaredMethods()) {
            if (!OF_OBJECTS.contains(method.getName())) {
                members.add(method);
            }
        }
        members.removeIf(member -> member.isSynthetic() || !isOffered(member.getModifiers()));
        return members;
    }

    private static String line(Member member) {
        String kind = Modifier.isProtected(member.getModifiers()) ? "protected " : "";
        kind += Modifier.isStatic(member.getModifiers()) ? "static " : "";
        if (member instanceof Field field) {
            return kind + named(field.getGenericType()) + " " + field.getName();
        }
        Executable call = (Executable) member;
        String returned = call instanceof Method method ? named(method.getGenericReturnType()) + " " : "new ";
        String name = call instanceof Constructor<?> ? call.getDeclaringClass().getSimpleName() : call.getName();
        String thrown = named(call.getGenericExceptionTypes());
        return kind + returned + name + "(" + named(call.getGenericParameterTypes()) + ")"
                + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    @Test
    void publicApi_isWhatIsListed() throws Exception {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            List<String> members = new ArrayList<>();
            members(type).forEach(member -> members.add("    " + line(member)));
            Collections.sort(members);
            lines.add(line(type));
            lines.addAll(members);
        }
        assertTrue(lines.size() > 100, "the classes were found");
        Files.write(FOUND, lines);

        assertEquals(
                String.join("\n", Files.readAllLines(LISTED)),
                String.join("\n", lines),
                "the public API changed; if that is meant, copy " + FOUND + " over " + LISTED);
    }

    @Test
    void publicApi_namesNoInternalType() throws Exception {
        Set<String> wrong = new TreeSet<>();
        for (Class<?> type : publicTypes()) {
            List<Type> named = new ArrayList<>(Arrays.asList(type.getGenericInterfaces()));
            named.add(type.getGenericSuperclass());
            for (Member member : members(type)) {
                if (member instanceof Field field) {
                    named.add(field.getGenericType());
                } else {
                    Executable call = (Executable) member;
                    named.addAll(Arrays.asList(call.getGenericParameterTypes()));
                    named.addAll(Arrays.asList(call.getGenericExceptionTypes()));
                    if (call instanceof Method method) {
                        named.add(method.getGenericReturnType());
                    }
                }
            }
            for (Type one : named) {
                String name = one == null ? "" : one.getTypeName();
                if (name.contains(ROOT + ".internal.") || name.contains(ROOT + ".cli.")) {
                    wrong.add(type.getName() + ": " + name);
                }
            }
        }

        assertEquals(Set.of(), wrong);
    }

    @Test
    void publicApi_takesFewArguments() throws Exception {
        List<String> wrong = new ArrayList<>();
        for (Class<?> type : publicTypes()) {
            for (Member member : members(type)) {
                if (member instanceof Executable call && call.getParameterCount() > MOST_PARAMETERS) {
                    wrong.add(type.getName() + ": " + line(member));
                }
            }
        }

        assertEquals(List.of(), wrong);
    }
}
