import torch, onnx
class Block(torch.nn.Module):
    def __init__(s): super().__init__(); s.fc=torch.nn.Linear(3,3); 
    def forward(s,x): return torch.relu(s.fc(x))
torch.manual_seed(0)
net=torch.nn.Sequential(Block(),Block())
x=torch.ones(2,3)
for name,flag in (('functions',{Block}),('plain',False)):
    torch.onnx.export(net,x,name+'.onnx',opset_version=15,export_modules_as_functions=flag,dynamic_axes={'x':{0:'n'}},input_names=['x'],output_names=['y'])
    m=onnx.load(name+'.onnx'); print(name,len(m.functions),[(n.domain,n.op_type) for n in m.graph.node],[i.name for i in m.graph.initializer], m.ir_version)
    for f in m.functions: print(f.domain,f.name,list(f.input),[(n.op_type,list(n.input)) for n in f.node])
