package dev.jloop.testkit.contract;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/// What happens in place of one method of an object.
@FunctionalInterface
interface Tampering {
    /// Nothing special.
    Tampering PASS_ON = (_, _) -> null;

    /// A method of the object as it was.
    @FunctionalInterface
    interface Call {
        Object invoke(Object target, Object... arguments) throws Throwable;
    }

    /// Does what the method does.
    ///
    /// @param call calls the method of an object
    Object run(Call call, Object[] arguments) throws Throwable;

    /// {@return an object that does as another one, except for one method}
    static <T> T with(Class<T> type, T target, String name, Tampering tampering) {
        var proxy =
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (_, method, arguments) -> {
                            if (method.getName().equals(name)) {
                                return tampering.run(calling(method), arguments);
                            }
                            var result = calling(method).invoke(target, arguments);
                            return result instanceof Between between ? between.protocol() : result;
                        });
        return type.cast(proxy);
    }

    private static Call calling(Method method) {
        return (target, arguments) -> {
            try {
                return method.invoke(target, arguments);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            }
        };
    }
}
