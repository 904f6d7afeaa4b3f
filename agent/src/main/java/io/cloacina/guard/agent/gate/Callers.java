// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.gate;

import io.cloacina.guard.agent.format.ClassFile;
import java.lang.StackWalker.Option;
import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the caller that defines a class without a file (one of the JDK's own generators of lambdas and proxies, or
 * other code), and the caller that opens an archive.
 *
 * <p>Hidden frames count. A method handle that an application has wrapped in an interface is called by JDK code through
 * hidden frames only; without them, the JDK code would seem to be the caller.
 *
 * <p>No lambdas here: on Java 17 each of them is itself such a class.
 */
final class Callers {

    private static final ClassLoader OWN = Callers.class.getClassLoader();
    private static final StackWalker STACK =
            StackWalker.getInstance(Set.of(Option.RETAIN_CLASS_REFERENCE, Option.SHOW_HIDDEN_FRAMES));

    /** Code that defines classes for its callers, and so is not the caller that is looked for. */
    private static final String[] DEFINERS = {
        "java.lang.ClassLoader",
        "java.lang.System$1", // JavaLangAccess on 25
        "java.lang.System$2", // JavaLangAccess on 17 and 21
        "java.lang.invoke.MethodHandles$Lookup",
        "java.lang.invoke.MethodHandles$Lookup$ClassDefiner",
        "java.lang.instrument.ClassFileTransformer",
        "java.security.SecureClassLoader",
        "jdk.internal.misc.Unsafe",
        "jdk.internal.reflect.ClassDefiner",
        "sun.instrument.InstrumentationImpl",
        "sun.instrument.TransformerManager"
    };

    /**
     * The JDK's generators that instrumented methods or the fallback transformer see. They are all callers of
     * {@code Lookup.defineClass}, {@code Lookup.defineHiddenClass} and {@code JavaLangAccess.defineClass} in the
     * modules of 17, 21 and 25, except {@code ClassSpecializer}: that one defines classes in {@code java.base}, which
     * need no decision. The others in {@code java.lang.invoke} define hidden classes by {@code makeHiddenClassDefiner},
     * which no hook sees.
     *
     * <p>Each name is a whole one, and each class calls the defining method itself, with bytes that it has written
     * itself.
     */
    private static final String[] GENERATORS = {
        "java.lang.invoke.InnerClassLambdaMetafactory", // 17: lambdas
        "java.lang.reflect.Proxy$ProxyBuilder",
        "java.lang.runtime.SwitchBootstraps", // 25: switches over patterns
        "jdk.internal.foreign.abi.BindingSpecializer", // 21 and 25: foreign functions
        "jdk.internal.reflect.MethodAccessorGenerator$1", // 17 and 21: reflection
        "jdk.jfr.internal.SecuritySupport", // 25: events of the flight recorder
        "jdk.jfr.internal.SecuritySupport$6" // 17 and 21: the privileged action that does so
    };

    /**
     * Loaders of the JDK that define classes which the JDK brings along: what JMX calls remote beans by, and the
     * trampoline of {@code java.beans}. No application can extend them or hand them bytes. The loader of compiled XSLT
     * stylesheets can be handed bytes: {@link Translets}.
     */
    private static final String[] DEFINING_LOADERS = {
        "javax.management.remote.rmi.NoCallStackClassLoader", "sun.reflect.misc.MethodUtil"
    };

    /**
     * Loaders that define {@code module-info} anew, for its annotations. The module's reader gives the bytes, and that
     * may be the application's own.
     */
    private static final String[] MODULE_INFO_LOADERS = {
        "java.lang.Module$1", // 21 and 25
        "java.lang.Module$2" // 17
    };

    /** The part of the guard that is in the boot loader. Nothing else can be in this package. */
    private static final String BOOTSTRAP = "io.cloacina.guard.agent.bootstrap.";

    /** Calls the guard's hooks under a {@code SecurityManager}: between frames of the guard, at the top only. */
    private static final String PRIVILEGES = "java.security.AccessController";

    /** Code that opens archives for its callers. */
    private static final String[] OPENERS = {"java.util.zip.", "java.util.jar."};

    private static final String JAR_CONNECTIONS = "sun.net.www.protocol.jar.";

    private static final Function<Stream<StackFrame>, @Nullable Class<?>> FIRST_OTHER = new FirstOther(DEFINERS, true);

    private Callers() {}

    /** The caller behind the method or event that asks; null if there is no Java code. */
    static @Nullable Class<?> behind() {
        return STACK.walk(FIRST_OTHER);
    }

    /** Whether the archive that is being opened is one of a {@code jar:} connection. */
    static boolean isJarConnection() {
        Class<?> opener = STACK.walk(new FirstOther(OPENERS, false));
        return opener != null
                && opener.getClassLoader() == null
                && opener.getName().startsWith(JAR_CONNECTIONS);
    }

    /**
     * Whether {@code loader} itself defines a class because it was asked for that. What generates classes calls the defining
     * method in other ways, or while no class is looked for.
     */
    static boolean isLoading(@Nullable ClassLoader loader) {
        return loader != null && isDefiner(loader) && STACK.walk(new Loading(loader));
    }

    /**
     * Whether {@code loader} defines a class by its own code, that of its superclasses or of a class within those. What
     * generates classes for any loader calls the defining method from elsewhere.
     */
    static boolean isDefiner(@Nullable ClassLoader loader) {
        Class<?> definer = loader == null ? null : behind();
        if (loader == null || definer == null) {
            return false;
        }
        for (Class<?> type = loader.getClass(); type != ClassLoader.class; type = type.getSuperclass()) {
            if (definer == type
                    || definer.getClassLoader() == type.getClassLoader()
                            && definer.getName().startsWith(type.getName() + "$")) {
                return true;
            }
        }
        return false;
    }

    /** Whether {@code type} defines classes for its callers, and so is not the caller that is looked for. */
    static boolean isDefiner(Class<?> type) {
        return type.getClassLoader() == null
                && (isAny(type.getName(), DEFINERS, true) || type.getName().startsWith(BOOTSTRAP));
    }

    /** Whether {@code caller} is one of the JDK's own generators. */
    static boolean isJdkGenerator(Class<?> caller) {
        return isOfJdk(caller) && isAny(caller.getName(), GENERATORS, true);
    }

    /** Whether {@code loader} defines, by itself, a class that the JDK brings along or that has no code. */
    static boolean isJdkLoader(@Nullable ClassLoader loader, byte[] bytes) {
        if (loader == null) {
            return false;
        }
        Class<?> type = loader.getClass();
        if (!isOfJdk(type)) {
            return false;
        }
        boolean brought = isAny(type.getName(), DEFINING_LOADERS, true);
        boolean moduleInfo = !brought && isAny(type.getName(), MODULE_INFO_LOADERS, true);
        return (brought || moduleInfo && ClassFile.hasNoMethods(bytes)) && behind() == type;
    }

    /** Whether {@code type} is one of a module that the JDK brings along, in the boot loader. */
    static boolean isOfJdk(Class<?> type) {
        return type.getClassLoader() == null && type.getModule().isNamed();
    }

    /** @param whole whether a name must be all of one of {@code names}, or just begin with it */
    static boolean isAny(String name, String[] names, boolean whole) {
        for (String one : names) {
            if (whole ? name.equals(one) : name.startsWith(one)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a class is being looked for by a method of the loader. */
    private record Loading(ClassLoader loader) implements Function<Stream<StackFrame>, Boolean> {
        @Override
        public Boolean apply(Stream<StackFrame> frames) {
            for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
                StackFrame frame = all.next();
                String method = frame.getMethodName();
                if ((method.equals("loadClass") || method.equals("findClass"))
                        && frame.getDeclaringClass().isInstance(loader)) {
                    return true;
                }
            }
            return false;
        }
    }

    private static final class FirstOther implements Function<Stream<StackFrame>, @Nullable Class<?>> {
        private final String[] skipped;
        private final boolean whole;

        FirstOther(String[] skipped, boolean whole) {
            this.skipped = skipped;
            this.whole = whole;
        }

        @Override
        public @Nullable Class<?> apply(Stream<StackFrame> frames) {
            boolean outside = false;
            for (Iterator<StackFrame> all = frames.iterator(); all.hasNext(); ) {
                Class<?> one = all.next().getDeclaringClass();
                boolean guard = one.getClassLoader() == OWN;
                String name = one.getName();
                boolean skip = one.getClassLoader() == null
                        && (isAny(name, skipped, whole)
                                || name.startsWith(BOOTSTRAP)
                                || !outside && name.equals(PRIVILEGES));
                if (!guard && (outside || !name.equals(PRIVILEGES))) {
                    outside = true;
                }
                // Frames of the guard are skipped at the top only: behind a JDK method it may be the caller itself.
                if (skip || guard && !outside) {
                    continue;
                }
                return one;
            }
            return null;
        }
    }
}
