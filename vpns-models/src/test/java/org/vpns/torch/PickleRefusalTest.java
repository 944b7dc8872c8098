package org.vpns.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vpns.io.FormatException;
import org.vpns.torch.TorchBytes.Legacy;
import org.vpns.torch.TorchBytes.Zip;

/** Pickles that are damaged or want more than weights. */
final class PickleRefusalTest {
  private static final String ONLY_WEIGHTS = "torch.save(model.state_dict(), file)";

  private static Pickler pickle() {
    return Pickler.protocol2();
  }

  /** The one form of every message, and the place in the pickle. */
  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(byte[] pickle) {
    byte[] file = Zip.of(pickle).storage("0", TorchBytes.floats(1, 2)).bytes();
    FormatException failure = failure(file);
    assertThat(failure.field()).startsWith("net/data.pkl");
    return assertThat((Throwable) failure);
  }

  static FormatException failure(byte[] file) {
    ThrowingCallable parse = () -> TorchFile.parse(file, "bad.pth");
    FormatException failure = catchThrowableOfType(FormatException.class, parse);
    assertThat(failure).isNotNull();
    assertThat(failure.getMessage()).matches("(?s).+: bad\\.pth, .+; expected .+, found .+; .+\\.");
    return failure;
  }

  @Test
  void run_ofSystemCommands_isRefusedByName() {
    assertRefused(pickle().global("os", "system").text("id").raw(0x85).reduce().stop())
        .hasMessageContaining("class or function not allowed: bad.pth, net/data.pkl, byte ")
        .hasMessageContaining("found os.system;")
        .hasMessageContaining(ONLY_WEIGHTS);
    assertRefused(pickle().stackGlobal("os", "system").text("id").raw(0x85).reduce().stop())
        .hasMessageContaining("found os.system;");
    // INST and OBJ name their class in one instruction and below a mark
    assertRefused(pickle().mark().text("id").ascii("ios\nsystem\n").stop())
        .hasMessageContaining("pickle instruction not allowed")
        .hasMessageContaining("found 0x69 'i'");
    assertRefused(pickle().mark().global("torch", "Size").text("id").raw('o').stop())
        .hasMessageContaining("found 0x6f 'o'");
    assertRefused(pickle().global("builtins", "eval").stop())
        .hasMessageContaining("found builtins.eval;");
  }

  /** Notes that it was initialised, which happens when a class is loaded to be used. */
  static final class Trap {
    static {
      TRAPPED.set(true);
    }

    private Trap() {}
  }

  private static final AtomicBoolean TRAPPED = new AtomicBoolean();

  @Test
  void run_ofANameOfAJavaClass_loadsNothing() throws Exception {
    String outer = PickleRefusalTest.class.getName();
    assertRefused(pickle().global(outer + "$Trap", "x").stop()).hasMessageContaining("$Trap.x");
    assertRefused(pickle().global(outer, "Trap").emptyTuple().reduce().stop())
        .hasMessageContaining(outer + ".Trap");
    assertThat(TRAPPED).isFalse();
    Class.forName(outer + "$Trap");
    assertThat(TRAPPED).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "torch.nn.modules.conv, Conv2d",
    "__torch__.net, Net",
    "torch.jit._pickle, build_intlist",
    "torch, ComplexFloatStorage",
    "torch, QInt8Storage",
    "torch._utils, _rebuild_sparse_tensor",
    "torch._utils, _rebuild_qtensor",
    "torch._utils, _rebuild_tensor_v3",
    "torch.storage, UntypedStorage",
    "torch.storage, _load_from_bytes",
    "numpy.core.multiarray, _reconstruct",
    "collections, OrderedDict2"
  })
  void run_ofWhatIsNoPlainWeight_isRefusedByName(String module, String name) {
    assertRefused(pickle().global(module, name).stop())
        .hasMessageContaining("found " + module + "." + name + ";");
  }

  @Test
  void run_ofCallsThatBuildNoTensor_isRefused() {
    assertRefused(pickle().global("torch", "FloatStorage").emptyTuple().reduce().stop())
        .hasMessageContaining("call of something that is no function")
        .hasMessageContaining("found torch.FloatStorage;");
    assertRefused(pickle().text("f").emptyTuple().reduce().stop())
        .hasMessageContaining("found 'f';");
    assertRefused(pickle().global("torch", "Size").number(1).reduce().stop())
        .hasMessageContaining("call without arguments");
    assertRefused(pickle().global("torch", "Size").emptyTuple().reduce().stop())
        .hasMessageContaining("wrong number of arguments");
    assertRefused(pickle().global("torch", "Size").number(1).raw(0x85).reduce().stop())
        .hasMessageContaining("wrong kind of value");
    assertRefused(pickle().ordered().raw(0x85).raw('0').raw(0x81).stop())
        .hasMessageContaining("stack empty");
    assertRefused(pickle().global("torch", "Size").emptyTuple().raw(0x81).stop())
        .hasMessageContaining("object that is no weight");
    assertRefused(pickle().dict().dict().raw('b').stop())
        .hasMessageContaining("state for an object that has none");
    assertRefused(pickle().ordered().none().raw('b').stop())
        .hasMessageContaining("found a dictionary of 0 and None");
    assertRefused(pickle().global("collections", "OrderedDict").number(1).raw(0x85).reduce().stop())
        .hasMessageContaining("bad ordered dictionary");
    assertRefused(
            pickle()
                .global("collections", "OrderedDict")
                .list()
                .numbers(1, 2, 3)
                .raw('a', 0x85)
                .reduce()
                .stop())
        .hasMessageContaining("expected pairs, found 3 values");
  }

  @Test
  void run_ofOneListManyTimes_doesNotMultiplyIt() {
    Pickler bytes = pickle().list().mark();
    for (int i = 0; i < 100; i++) {
      bytes.numbers(i, i);
    }
    bytes.appends().put(0).raw('0');
    for (int i = 0; i < 100; i++) {
      bytes.global("collections", "OrderedDict").get(0).raw(0x85).reduce().raw('0');
    }
    assertRefused(bytes.none().stop()).hasMessageContaining("too many entries in lists");
  }

  @Test
  void run_ofAStackThatDoesNotFit_isRefused() {
    assertRefused(pickle().bytes()).hasMessageContaining("unexpected end");
    assertRefused(pickle().none().bytes()).hasMessageContaining("unexpected end");
    assertRefused(pickle().stop()).hasMessageContaining("stack empty");
    assertRefused(pickle().none().none().stop())
        .hasMessageContaining("pickle stops too early")
        .hasMessageContaining("found 2 values");
    assertRefused(pickle().none().mark().none().stop()).hasMessageContaining("stops too early");
    assertRefused(pickle().none().mark().stop()).hasMessageContaining("stack empty");
  }

  @Test
  void run_ofBytesBehindStop_isRefused() {
    assertRefused(pickle().none().raw('.').raw('.').bytes())
        .hasMessageContaining("bytes after the pickle");
  }

  @Test
  void run_ofMarksAndMemoThatDoNotFit_isRefused() {
    assertRefused(pickle().tuple().stop()).hasMessageContaining("stack without a mark");
    assertRefused(pickle().get(7).stop())
        .hasMessageContaining("nothing remembered under this number")
        .hasMessageContaining("found 7");
    assertRefused(pickle().longGet(1L << 31).stop()).hasMessageContaining("found 2147483648");
    assertRefused(pickle().put(1).stop()).hasMessageContaining("stack empty");
    assertRefused(pickle().none().raw(0x87).stop()).hasMessageContaining("stack empty");
    assertRefused(pickle().dict().mark().text("a").setItems().stop())
        .hasMessageContaining("key without a value: bad.pth, net/data.pkl, byte ")
        .hasMessageContaining("expected pairs, found 1 values");
    assertRefused(pickle().list().mark().none().none().setItems().stop())
        .hasMessageContaining("object that cannot grow");
    assertRefused(pickle().none().none().raw('a').stop())
        .hasMessageContaining("object that cannot grow");
  }

  @Test
  void run_ofKeysThatAreNone_isRefused() {
    for (Pickler key :
        new Pickler[] {
          pickle().dict().list(), pickle().dict().emptyTuple(), pickle().dict().none(),
          pickle().dict().dict(), pickle().dict().real(1), pickle().dict().bool(true),
        }) {
      assertRefused(key.none().raw('s').stop())
          .hasMessageContaining("unusable key")
          .hasMessageContaining("expected a string or a whole number");
    }
    assertRefused(pickle().dict().mark().text("a").none().text("a").none().setItems().stop())
        .hasMessageContaining("key twice in a dictionary");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 6, 255})
  void run_ofAnotherProtocol_isRefused(int protocol) {
    assertRefused(new Pickler().raw(0x80, protocol).none().stop())
        .hasMessageContaining("expected 2 to 5, found " + protocol);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        'I', 'L', 'S', 'V', 'F', 'P', 'p', 'g', 'd', 'l', '1', '2', 0x82, 0x83, 0x84, 0x8b, 0x8d,
        0x8e, 0x92, 0x96, 0x97, 0x98, 0, 0xff
      })
  void run_ofAnyOtherInstruction_isRefusedByCode(int opcode) {
    assertRefused(pickle().raw(opcode).ascii("1\n").stop())
        .hasMessageContaining("pickle instruction not allowed: bad.pth, net/data.pkl, byte ")
        .hasMessageContaining("found 0x%02x".formatted(opcode));
  }

  @Test
  void run_ofLengthsThatLie_isRefusedBeforeAllocating() {
    assertRefused(pickle().textOfLength(0xffffffffL, "x").stop())
        .hasMessageContaining("length out of range")
        .hasMessageContaining("expected 0 to 1048576 bytes, found 4294967295");
    assertRefused(pickle().textOfLength(1 << 20, "x").stop())
        .hasMessageContaining("unexpected end");
    assertRefused(pickle().raw('T', 255, 255, 255, 255).stop()).hasMessageContaining("found -1");
    assertRefused(pickle().raw('U', 200).ascii("x").stop()).hasMessageContaining("unexpected end");
    assertRefused(pickle().raw(0x8a, 200).stop()).hasMessageContaining("unexpected end");
    assertRefused(pickle().raw('G', 1).stop()).hasMessageContaining("unexpected end");
    assertRefused(pickle().frame(1 << 20).stop())
        .hasMessageContaining("frame longer than the pickle");
    assertRefused(pickle().frame(-1).stop()).hasMessageContaining("found -1");
    assertRefused(pickle().raw('X', 2, 0, 0, 0, 0xc3, 0x28).stop())
        .hasMessageContaining("malformed text");
    assertRefused(pickle().global("m".repeat(300), "n").stop())
        .hasMessageContaining("name too long");
    assertRefused(pickle().stackGlobal("m".repeat(300), "n").stop())
        .hasMessageContaining("bad name of a class");
    assertRefused(pickle().number(1).text("n").raw(0x93).stop())
        .hasMessageContaining("found 1 and 'n'");
  }

  @Test
  void run_ofAStackOfAMillionValues_isRefused() {
    byte[] bytes = new byte[PickleMachine.MAX_STACK + 2];
    java.util.Arrays.fill(bytes, (byte) 'N');
    assertRefused(bytes).hasMessageContaining("stack too deep");
    java.util.Arrays.fill(bytes, (byte) '(');
    assertRefused(bytes).hasMessageContaining("stack too deep");
  }

  @Test
  void run_ofTooManyInstructions_isRefused() {
    byte[] bytes = new byte[PickleMachine.MAX_OPCODES + 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i % 2 == 0 ? 'N' : '0');
    }
    assertRefused(bytes).hasMessageContaining("pickle too long");
  }

  @ParameterizedTest
  @CsvSource({
    "FloatStorage, 1a, 2, bad storage key",
    "FloatStorage, ../0, 2, bad storage key",
    "FloatStorage, '', 2, bad storage key",
    "FloatStorage, 0, -1, negative count of a storage",
    "FloatStorage, 0, 3, storage of another size",
    "DoubleStorage, 0, 2, storage of another size",
    "FloatStorage, 0, 4611686018427387904, storage too large",
    "FloatStorage, 1, 2, entry missing",
    "Size, 0, 2, bad storage type"
  })
  void persistent_ofAStorageThatDoesNotFit_isRefused(
      String type, String key, long count, String what) {
    byte[] bytes = pickle().storage(type, key, count).stop();
    FormatException failure = failure(Zip.of(bytes).storage("0", TorchBytes.floats(1, 2)).bytes());
    assertThat(failure).hasMessageStartingWith(what + ": bad.pth, net/data");
  }

  @Test
  void persistent_ofMalformedIdentities_isRefused() {
    assertRefused(pickle().number(1).raw('Q').stop()).hasMessageContaining("bad storage");
    assertRefused(pickle().numbers(1, 2, 3, 4, 5).raw('Q').stop())
        .hasMessageContaining("found a tuple of 5");
    assertRefused(
            pickle().storage("FloatStorage", "0", 2).storage("IntStorage", "0", 2).raw(0x86).stop())
        .hasMessageContaining("storage named in two ways")
        .hasMessageContaining("expected 2 of F32, found 2 of I32");
    Pickler part = pickle().mark().text("storage").global("torch", "FloatStorage");
    part.text("0").text("cpu").number(2).numbers(1, 2, 3).tuple().raw('Q');
    assertRefused(part.stop()).hasMessageContaining("storage that is a part of another");
  }

  @Test
  void tensor_outsideItsStorage_isRefused() {
    long[] one = {1};
    assertTensorRefused(0, new long[] {3}, one, "tensor outside its storage");
    assertTensorRefused(2, one, one, "tensor outside its storage");
    assertTensorRefused(-1, one, one, "tensor outside its storage");
    assertTensorRefused(0, new long[] {2, 2}, new long[] {1, 1}, "tensor outside its storage");
    assertTensorRefused(3, new long[] {0}, one, "tensor outside its storage");
    assertTensorRefused(0, new long[] {-1}, one, "negative size or stride");
    assertTensorRefused(1, new long[] {2}, new long[] {-1}, "negative size or stride");
    assertTensorRefused(0, new long[] {1, 1}, one, "sizes and strides do not fit");
    assertTensorRefused(0, new long[17], new long[17], "sizes and strides do not fit");
    long huge = 1L << 40;
    assertTensorRefused(0, new long[] {huge, huge}, new long[] {0, 0}, "tensor too large");
    assertTensorRefused(0, new long[] {huge, 2}, new long[] {huge, 0}, "tensor too large");
    assertTensorRefused(
        Long.MAX_VALUE, new long[] {2}, new long[] {Long.MAX_VALUE}, "tensor too large");
  }

  private static void assertTensorRefused(long offset, long[] size, long[] stride, String message) {
    byte[] bytes = pickle().tensor("FloatStorage", "0", 2, offset, size, stride).stop();
    assertRefused(bytes).hasMessageStartingWith(message + ": bad.pth, net/data.pkl, byte ");
  }

  @Test
  void tensors_thatExpandFarBeyondTheFile_areRefused() {
    long[] strides = {0};
    // a terabyte of one repeated number
    assertRefused(pickle().tensor("FloatStorage", "0", 2, 0, new long[] {1L << 38}, strides).stop())
        .hasMessageContaining("tensors much larger than the file")
        .hasMessageContaining("save contiguous copies");
    Pickler many = pickle().mark();
    for (int i = 0; i < 10; i++) {
      many.tensor("FloatStorage", "0", 2, 0, new long[] {2_000_000}, strides);
    }
    assertRefused(many.tuple().stop()).hasMessageContaining("tensors much larger than the file");
  }

  @Test
  void names_withoutEnd_areRefused() {
    // each is dropped again: the stack stays low
    String names = "ccollections\nOrderedDict\n0".repeat(PickleMachine.MAX_OBJECTS + 1);
    assertRefused(pickle().ascii(names).none().stop()).hasMessageContaining("too many objects");
  }

  @Test
  void tensor_ofWrongArguments_isRefused() {
    Pickler short5 = pickle().global("torch._utils", "_rebuild_tensor_v2").mark();
    short5.storage("FloatStorage", "0", 2).number(0).numbers(1).numbers(1).bool(true).tuple();
    assertRefused(short5.reduce().stop())
        .hasMessageContaining("wrong number of arguments for torch._utils._rebuild_tensor_v2")
        .hasMessageContaining("expected 6 to 7, found 5");
    Pickler text = pickle().global("torch._utils", "_rebuild_tensor").mark();
    text.text("0").number(0).numbers(1).numbers(1).tuple();
    assertRefused(text.reduce().stop()).hasMessageContaining("bad tensor");
    Pickler size = pickle().global("torch._utils", "_rebuild_tensor").mark();
    size.storage("FloatStorage", "0", 2).number(0).mark().real(1).tuple().numbers(1).tuple();
    assertRefused(size.reduce().stop()).hasMessageContaining("bad size or stride");
    Pickler parameter = pickle().global("torch._utils", "_rebuild_parameter").mark();
    parameter.none().bool(true).ordered().tuple().reduce();
    assertRefused(parameter.stop()).hasMessageContaining("bad parameter");
    // values that stand negated in the file: {'neg': True} as seventh argument
    Pickler negated = pickle().global("torch._utils", "_rebuild_tensor_v2").mark();
    negated.storage("FloatStorage", "0", 2).number(0).numbers(1).numbers(1).bool(false).ordered();
    negated.dict().text("neg").bool(true).raw('s').tuple().reduce();
    assertRefused(negated.stop()).hasMessageContaining("tensor with marks of its own");
  }

  @Test
  void scripted_partsThatDoNotFit_areRefused() {
    Pickler twice = pickle().global("__torch__", "Net").emptyTuple().raw(0x81);
    twice.dict().raw('b').dict().raw('b');
    assertThat(failure(script(twice)))
        .hasMessageContaining("module built twice: bad.pth, net/data.pkl");
    Pickler state = pickle().global("__torch__", "Net").emptyTuple().raw(0x81).none().raw('b');
    assertThat(failure(script(state))).hasMessageContaining("found a module and None");
    Pickler empty = pickle().global("__torch__", "Net").emptyTuple().raw(0x81);
    assertThat(failure(script(empty))).hasMessageContaining("no tensor in the file");
    assertThat(failure(script(pickle().global("os", "system"))))
        .hasMessageContaining("found os.system");
    assertThat(failure(script(pickle().global("__torch__", "Net").emptyTuple().reduce())))
        .hasMessageContaining("call of something that is no function");
  }

  private static byte[] script(Pickler pickle) {
    return Zip.of(pickle.stop()).add("net/constants.pkl", pickle().emptyTuple().stop()).bytes();
  }

  @Test
  void run_ofAnOlderFile_namesThePart() {
    byte[] file = new Legacy(pickle().global("os", "system").stop()).bytes();
    assertThat(failure(file).field()).startsWith("object, byte ");
  }
}
