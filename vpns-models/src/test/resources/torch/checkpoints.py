import torch, argparse, collections, pathlib, datetime
from torch import nn
torch.manual_seed(3)
net=nn.Sequential(nn.Linear(3,2), nn.BatchNorm1d(2)); sd=net.state_dict()
opt=torch.optim.Adam(net.parameters(), lr=0.1)
net(torch.ones(4,3)).sum().backward(); opt.step(); sd=net.state_dict()
sch=torch.optim.lr_scheduler.MultiStepLR(opt,[30,60])
ema={k:v+1 for k,v in sd.items()}
args=argparse.Namespace(lr=0.1, out=pathlib.Path('runs'), device=torch.device('cpu'), dtype=torch.float32, size=torch.Size([1,2]), tags={'a','b'}, when=datetime.datetime(2020,1,1))
torch.save(dict(epoch=3, arch='resnet18', state_dict=sd, optimizer=opt.state_dict(), version=2, args=args, amp_scaler={'scale':65536.0,'_growth_tracker':0}, state_dict_ema=ema, metric=71.2),'timm.pth')
torch.save({'epoch':3,'global_step':9,'pytorch-lightning_version':'1.9.0','state_dict':collections.OrderedDict(('net.'+k,v) for k,v in sd.items()),'loops':{'fit_loop':{'state_dict':{},'epoch_progress':{'total':{'ready':3}}}},'callbacks':{"ModelCheckpoint{'monitor': None}":{'best_model_score':torch.tensor(0.5),'kth':torch.ones(1),'dirpath':'x'}},'optimizer_states':[opt.state_dict()],'lr_schedulers':[sch.state_dict()],'hyper_parameters':args.__dict__,'hparams_name':'kwargs'},'lightning.ckpt')
torch.save({'meta':dict(epoch=12,iter=100,mmcv_version='1.7.0',CLASSES=('a','b'),counts=collections.Counter({'a':1}),env=collections.defaultdict(list,{'gpu':[0]})),'state_dict':sd,'optimizer':{'backbone':opt.state_dict()}},'mmcv.pth')
torch.save({'epoch':-1,'best_fitness':torch.tensor(0.7),'model':sd,'ema':None,'updates':100,'optimizer':opt.state_dict(),'train_args':dict(imgsz=640,names={0:'a',1:'b'}),'date':datetime.datetime(2020,1,1).isoformat(),'dtype':torch.float16,'done':frozenset({1}),'queue':collections.deque([1,2])},'ultralytics.pt')
torch.save(dict(model=sd, history=collections.defaultdict(list,{'loss':[0.1]}), lr_scheduler=sch.state_dict(), optimizer=opt.state_dict(), seen={1,2}, names={3:'x'}), 'sets_protocol4.pth', pickle_protocol=4)
c=torch.load('complex.pth'); c['c']=torch.view_as_real(c['c']); torch.save(c,'complex_as_real.pth')
torch.save(torch.load('wholemodule_legacy.pth').state_dict(),'wholemodule_weights.pth')
print(list(torch.load('wholemodule_weights.pth')), list(sd))
l=nn.Linear(2,2); l.weight.data=torch.tensor([[0.5,-1],[2,0.25]]); l.bias.data=torch.tensor([3.,-4])
torch.save(nn.Sequential(l, nn.ReLU(), l).state_dict(),'tied.pth')
import json, os
os.makedirs('shards', exist_ok=True)
parts={'pytorch_model-00001-of-00002.bin':{'0.weight':torch.tensor([[1.,2],[3,4]])}, 'pytorch_model-00002-of-00002.bin':{'0.bias':torch.tensor([5.,6]), '2.weight':torch.tensor([[7.,8]]), '2.bias':torch.tensor([0.5])}}
for name, part in parts.items(): torch.save(part, 'shards/'+name)
json.dump({'metadata':{'total_size':36}, 'weight_map':{k:name for name, part in parts.items() for k in part}}, open('shards/pytorch_model.bin.index.json','w'), indent=2)
