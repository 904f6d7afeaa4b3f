// SPDX-License-Identifier: Apache-2.0
package io.cloacina.guard.agent.bootstrap;

import java.util.function.Function;
import javax.management.Attribute;
import javax.management.AttributeList;
import javax.management.AttributeNotFoundException;
import javax.management.DynamicMBean;
import javax.management.MBeanInfo;
import javax.management.ReflectionException;

/**
 * The guard's management bean: attributes that can be read, and nothing else. Here and not with the guard, because a bean
 * server gives away the class loader of every bean, and an application's own bean server even the bean.
 */
public final class GuardBean implements DynamicMBean {

    private final MBeanInfo info;
    private final Function<String, Object> values;

    /** @param values the value of every attribute of {@code info} */
    public GuardBean(MBeanInfo info, Function<String, Object> values) {
        this.info = info;
        this.values = values;
    }

    private boolean has(String name) {
        for (int i = 0; i < info.getAttributes().length; i++) {
            if (info.getAttributes()[i].getName().equals(name)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Object getAttribute(String name) throws AttributeNotFoundException {
        if (!has(name)) {
            throw new AttributeNotFoundException("there is no attribute [" + name + "]");
        }
        return values.apply(name);
    }

    @Override
    public AttributeList getAttributes(String[] names) {
        AttributeList list = new AttributeList();
        for (String name : names) {
            if (has(name)) {
                list.add(new Attribute(name, values.apply(name)));
            }
        }
        return list;
    }

    @Override
    public void setAttribute(Attribute attribute) throws AttributeNotFoundException {
        throw new AttributeNotFoundException("nothing of the guard can be set");
    }

    @Override
    public AttributeList setAttributes(AttributeList attributes) {
        return new AttributeList();
    }

    @Override
    public Object invoke(String action, Object[] parameters, String[] signature) throws ReflectionException {
        throw new ReflectionException(
                new NoSuchMethodException(action), "the guard can be looked at, and nothing be done with it");
    }

    @Override
    public MBeanInfo getMBeanInfo() {
        return info;
    }
}
