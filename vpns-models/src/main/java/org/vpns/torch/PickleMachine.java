package org.vpns.torch;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.vpns.io.FormatException;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Pickled.Global;
import org.vpns.torch.Pickled.None;
import org.vpns.torch.Pickled.PyList;
import org.vpns.torch.Pickled.Tuple;

/**
 * The stack machine of Python's pickle format, protocols 2 to 5, as far as files of weights need
 * it. Whatever would create an object goes to {@link Objects}; an instruction that is not listed
 * here is refused.
 */
final class PickleMachine {
  static final int MAX_STRING = 1 << 20;
  static final int MAX_STACK = 1 << 20;

  /** A tensor takes about 30; each may cost 80 bytes of memory. */
  static final int MAX_OPCODES = 5_000_000;

  /**
   * Containers, tensors, names and whatever else calls give, in all: a tensor takes about 7, each
   * may cost some 250 bytes of memory and some only one byte of the file.
   */
  static final int MAX_OBJECTS = 500_000;

  private static final int MAX_NAME = 256;

  /** What the file's objects are made of. */
  interface Objects {
    /** A class or function that the file names. */
    Object global(Global global) throws Refusal;

    /** What an identity stands for that the file keeps outside the pickle. */
    Object persistent(Object id) throws Refusal;

    /** A set of these. */
    Object set(List<Object> items) throws Refusal;

    /** The result of calling a class or function. */
    Object call(Object function, List<Object> arguments) throws Refusal;

    /** An object of a class without its state. */
    Object create(Object type, List<Object> arguments) throws Refusal;

    /** Gives an object its state. */
    void build(Object object, Object state) throws Refusal;

    /** Adds to an object that is neither list nor dictionary. */
    void addTo(Object object) throws Refusal;
  }

  private final PickleInput in;
  private final Objects objects;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Memo memo = new Memo();
  private long instruction;
  private int made;

  private PickleMachine(PickleInput in, Objects objects) {
    this.in = in;
    this.objects = objects;
  }

  /**
   * Runs one pickle and leaves the input behind its last byte.
   *
   * @param place what to call the pickle in messages
   * @throws FormatException at the first instruction that is refused
   */
  static Object run(PickleInput in, Objects objects, String source, String place)
      throws IOException {
    PickleMachine machine = new PickleMachine(in, objects);
    try {
      return machine.run();
    } catch (Refusal refusal) {
      throw refusal.at(source, place + ", byte " + machine.instruction);
    }
  }

  private Object run() throws IOException, Refusal {
    for (int count = 0; count < MAX_OPCODES; count++) {
      instruction = in.position();
      int opcode = in.u8();
      if (opcode == '.') {
        return stop();
      }
      execute(opcode);
      if (stack.size() > MAX_STACK || marks.size() > MAX_STACK) {
        throw new Refusal("stack too deep", "at most " + MAX_STACK + " values", "more");
      }
    }
    throw new Refusal("pickle too long", "at most " + MAX_OPCODES + " instructions", "more");
  }

  private Object stop() throws Refusal {
    Object result = pop();
    if (!stack.isEmpty() || !marks.isEmpty()) {
      throw new Refusal("pickle stops too early", "one value", (stack.size() + 1) + " values");
    }
    Tree.requireUsable(result);
    return result;
  }

  private void execute(int opcode) throws IOException, Refusal {
    switch (opcode) {
      case 0x80 -> protocol(in.u8());
      case 0x95 -> frame(in.i64());
      case '(' -> marks.push(stack.size());
      case '0' -> pop();
      case '}' -> make(new Dict(false));
      case ']' -> make(new PyList());
      case ')' -> stack.add(Tuple.EMPTY);
      case 't' -> make(new Tuple(popMarked()));
      case 0x85 -> make(tuple(1));
      case 0x86 -> make(tuple(2));
      case 0x87 -> make(tuple(3));
      case 0x8f -> make(objects.set(List.of()));
      case 0x90 -> {
        popMarked();
        objects.addTo(top());
      }
      case 0x91 -> make(objects.set(popMarked()));
      case 'q' -> memo.put(in.u8(), top());
      case 'r' -> memo.put(in.i32() & 0xffffffffL, top());
      case 0x94 -> memo.putNext(top());
      case 'h' -> stack.add(recall(in.u8()));
      case 'j' -> stack.add(recall(in.i32() & 0xffffffffL));
      case 'J' -> stack.add((long) in.i32());
      case 'K' -> stack.add((long) in.u8());
      case 'M' -> stack.add((long) in.u16());
      case 0x8a -> stack.add(number(in.bytes(in.u8(), 255)));
      case 'G' -> stack.add(in.bigEndianDouble());
      case 'N' -> stack.add(None.NONE);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'X' -> stack.add(utf8(in.bytes(in.i32() & 0xffffffffL, MAX_STRING)));
      case 0x8c -> stack.add(utf8(in.bytes(in.u8(), MAX_STRING)));
      case 'B' -> stack.add(latin1(in.bytes(in.i32() & 0xffffffffL, MAX_STRING)));
      case 'C' -> stack.add(latin1(in.bytes(in.u8(), MAX_STRING)));
      case 'T' -> stack.add(latin1(in.bytes(in.i32(), MAX_STRING)));
      case 'U' -> stack.add(latin1(in.bytes(in.u8(), MAX_STRING)));
      case 'c' -> {
        String module = utf8(in.line(MAX_NAME));
        make(objects.global(new Global(module, utf8(in.line(MAX_NAME)))));
      }
      case 0x93 -> stackGlobal();
      case 'a' -> {
        Object item = pop();
        append(top(), List.of(item));
      }
      case 'e' -> {
        List<Object> items = popMarked();
        append(top(), items);
      }
      case 's' -> {
        Object value = pop();
        Object key = pop();
        set(top(), List.of(key, value));
      }
      case 'u' -> {
        List<Object> items = popMarked();
        set(top(), items);
      }
      case 'Q' -> stack.add(objects.persistent(pop()));
      case 'R' -> {
        List<Object> arguments = popTuple();
        make(objects.call(pop(), arguments));
      }
      case 0x81 -> {
        List<Object> arguments = popTuple();
        make(objects.create(pop(), arguments));
      }
      case 'b' -> {
        Object state = pop();
        objects.build(top(), state);
      }
      default ->
          throw new Refusal(
              "pickle instruction not allowed",
              "an instruction that weights need",
              "0x%02x '%c'".formatted(opcode, opcode > 32 && opcode < 127 ? opcode : '?'),
              TorchObjects.WEIGHTS_ONLY);
    }
  }

  private void make(Object object) throws Refusal {
    made += object instanceof TensorView view ? 1 + view.shape().dimension() / 4 : 1;
    if (made > MAX_OBJECTS) {
      throw new Refusal(
          "too many objects",
          "at most " + MAX_OBJECTS + " containers, tensors and names of classes",
          "more",
          TorchObjects.WEIGHTS_ONLY);
    }
    stack.add(object);
  }

  private static void protocol(int version) throws Refusal {
    if (version < 2 || version > 5) {
      throw new Refusal("pickle protocol not known", "2 to 5", version);
    }
  }

  private void frame(long length) throws Refusal {
    if (length < 0 || length > in.remaining()) {
      throw new Refusal("frame longer than the pickle", in.remaining() + " bytes", length);
    }
  }

  private void stackGlobal() throws Refusal {
    Object name = pop();
    Object module = pop();
    if (!(name instanceof String n && module instanceof String m)
        || n.length() > MAX_NAME
        || m.length() > MAX_NAME) {
      throw new Refusal(
          "bad name of a class",
          "two strings of at most " + MAX_NAME + " characters",
          Pickled.describe(module) + " and " + Pickled.describe(name));
    }
    make(objects.global(new Global(m, n)));
  }

  private void append(Object target, List<Object> items) throws Refusal {
    if (target instanceof PyList list) {
      items.forEach(list::add);
    } else {
      objects.addTo(target);
    }
  }

  private void set(Object target, List<Object> items) throws Refusal {
    if (items.size() % 2 != 0) {
      throw new Refusal("key without a value", "pairs", items.size() + " values");
    }
    if (target instanceof Dict dict) {
      for (int i = 0; i < items.size(); i += 2) {
        dict.put(items.get(i), items.get(i + 1));
      }
    } else {
      objects.addTo(target);
    }
  }

  private Object recall(long key) throws Refusal {
    Object value = memo.get(key);
    if (value == null) {
      throw new Refusal("nothing remembered under this number", "a number in use", key);
    }
    return value;
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.peek();
  }

  private Object top() throws Refusal {
    if (stack.size() <= floor()) {
      throw new Refusal("stack empty", "a value", "none");
    }
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws Refusal {
    Object value = top();
    stack.remove(stack.size() - 1);
    return value;
  }

  private List<Object> popMarked() throws Refusal {
    if (marks.isEmpty()) {
      throw new Refusal("stack without a mark", "a mark", "none");
    }
    List<Object> above = stack.subList(marks.pop(), stack.size());
    List<Object> items = ImmutableList.copyOf(above);
    above.clear();
    return items;
  }

  private Tuple tuple(int length) throws Refusal {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      items.add(0, pop());
    }
    return new Tuple(items);
  }

  private List<Object> popTuple() throws Refusal {
    Object value = pop();
    if (value instanceof Tuple tuple) {
      return tuple.items();
    }
    throw new Refusal("call without arguments", "a tuple", Pickled.describe(value));
  }

  /** A number of any length, least significant byte first, in two's complement. */
  private static Object number(byte[] bytes) {
    byte[] bigEndian = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      bigEndian[bytes.length - 1 - i] = bytes[i];
    }
    BigInteger value = bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bigEndian);
    return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
  }

  private static String utf8(byte[] bytes) throws Refusal {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Refusal("malformed text", "UTF-8", "other bytes");
    }
  }

  /** Text of Python 2, of which a file's names only use ASCII; or bytes, which nothing reads. */
  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
