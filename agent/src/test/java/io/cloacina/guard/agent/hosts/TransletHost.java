// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.hosts;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.xml.transform.Templates;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.sax.SAXTransformerFactory;
import javax.xml.transform.sax.TemplatesHandler;
import javax.xml.transform.stream.StreamResult;
import javax.xml.transform.stream.StreamSource;
import org.xml.sax.InputSource;
import org.xml.sax.helpers.DefaultHandler;

/** Transforms by stylesheets that the JDK compiles, then with classes that it has not compiled. */
public final class TransletHost {

    private static final String STYLE =
            "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
                    + "<xsl:output method='text'/><xsl:template match='/'>"
                    + "<xsl:for-each select='//n'><xsl:sort select='.'/><xsl:value-of select='.'/></xsl:for-each>"
                    + "</xsl:template></xsl:stylesheet>";

    private TransletHost() {}

    /** {@code CLASS_FILE} of a class that is no translet, and leaves a file when it is initialised. */
    public static void main(String[] arguments) throws Exception {
        byte[] evil = Files.readAllBytes(Path.of(arguments[0]));
        attempt("transformer", () -> transformBy(compile()));
        attempt("twice", () -> transformBy(compile()));
        attempt("handler", () -> transformBy(compileByHandler()));
        attempt("reflection", () -> {
            Templates templates = compile();
            Field classes = templates.getClass().getDeclaredField("_bytecodes");
            classes.setAccessible(true);
            classes.set(templates, new byte[][] {evil});
            return transformBy(templates);
        });
        attempt("array", () -> {
            Templates templates = compile();
            overwriteLiterals(templates);
            return transformBy(templates);
        });
        attempt("deserialization", () -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (ObjectOutputStream objects = new ObjectOutputStream(out)) {
                objects.writeObject(compile());
            }
            try (ObjectInputStream objects = new ObjectInputStream(new ByteArrayInputStream(out.toByteArray()))) {
                Templates templates = (Templates) objects.readObject();
                // It has been transient since Java 9, and without it no Templates work.
                Field factory = templates.getClass().getDeclaredField("_tfactory");
                factory.setAccessible(true);
                factory.set(templates, TransformerFactory.newDefaultInstance());
                return transformBy(templates);
            }
        });
    }

    private static void attempt(String what, Callable<String> action) {
        try {
            System.out.println(what + " GIVES " + action.call());
        } catch (Throwable e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            System.out.println(what + " FAILS " + cause.getClass().getSimpleName());
        }
    }

    private static Templates compile() throws TransformerException {
        return TransformerFactory.newDefaultInstance().newTemplates(new StreamSource(new StringReader(STYLE)));
    }

    private static Templates compileByHandler() throws Exception {
        TemplatesHandler handler =
                ((SAXTransformerFactory) TransformerFactory.newDefaultInstance()).newTemplatesHandler();
        var parsers = javax.xml.parsers.SAXParserFactory.newDefaultInstance();
        parsers.setNamespaceAware(true);
        var reader = parsers.newSAXParser().getXMLReader();
        reader.setContentHandler(handler);
        reader.setErrorHandler(new DefaultHandler());
        reader.parse(new InputSource(new StringReader(STYLE)));
        return handler.getTemplates();
    }

    private static String transformBy(Templates templates) throws TransformerException {
        StringWriter out = new StringWriter();
        templates
                .newTransformer()
                .transform(new StreamSource(new StringReader("<d><n>b</n><n>a</n></d>")), new StreamResult(out));
        return out.toString();
    }

    /** A stream that is told of each object it is to write is given the very array that will be defined. */
    private static void overwriteLiterals(Templates templates) throws IOException {
        try (Taking out = new Taking()) {
            out.writeObject(templates);
        }
    }

    private static final class Taking extends ObjectOutputStream {

        Taking() throws IOException {
            super(OutputStream.nullOutputStream());
            enableReplaceObject(true);
        }

        @Override
        protected Object replaceObject(Object object) {
            if (object instanceof byte[] array) {
                String text = new String(array, StandardCharsets.ISO_8859_1);
                // Neither the length nor the structure changes.
                int at = text.indexOf("GregorSamsa");
                array[at] = 'g';
            }
            return object;
        }
    }
}
