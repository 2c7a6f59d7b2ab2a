"""Little data sets in the layouts that `hilum curate` reads, each with something missing and something malformed."""
import zlib
import struct

A, B, C = (f"{letter}2aa804e-bde0afdd-112c0b34-7bc16630-4e384014" for letter in "012")
LABELS = (
    "No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,Atelectasis,"
    "Pneumothorax,Pleural Effusion,Pleural Other,Fracture,Support Devices"
)
BLANK = "," * 13
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAAAAABX3VL4AAAADklEQVR4nGNwaGA48B8ABcUCgFiWOssAAAAASUVORK5CYII="  # 2 x 2 px
REPORT = (
    "                 FINAL REPORT\n EXAMINATION:  CHEST (PA AND LAT)\n \n INDICATION:  Cough.\n \n FINDINGS: \n \n The lungs are\n"
    " clear.  No effusion.\n \n IMPRESSION: \n \n Normal.\n"
)

# Text files; a path alone is a file that need not be decoded, and (width, height) a grey picture.
SETS = {
    "mimic-cxr": {
        "mimic-cxr-2.0.0-metadata.csv": "dicom_id,subject_id,study_id,ViewPosition,Rows,Columns,StudyDate,StudyTime\n"
        f"{A},10000032,50414267,LATERAL,1,1,21800506,85812.5\n{B},10000032,50414267,PA,1,1,21800506,85812.5\n"
        f"{C},10000032,53189527,AP,1,1,21800626,165500\nx,7,50000000,AP,1,1,,\n{A},10000084,53189527,AP,1,1,,\n",
        "mimic-cxr-2.0.0-split.csv": f"dicom_id,study_id,subject_id,split\n{A},50414267,10000032,train\n{C},53189527,10000032,train\n",
        "mimic-cxr-2.0.0-chexpert.csv": f"subject_id,study_id,{LABELS}\n10000032,50414267,1.0,,,,,,,,,0.0,-1.0,,,maybe\n",
        "reports/files/p10/p10000032/s50414267.txt": REPORT,
        f"files/p10/p10000032/s50414267/{A}.jpg": "x",
        f"files/p10/p10000032/s50414267/{B}.dcm": "y",
        f"files/p10/p10000032/s53189527/{C}.jpg": "z",
    },
    "chexpert": {
        "train.csv": f"Path,Sex,Age,Frontal/Lateral,AP/PA,{LABELS}\n"
        f"CheXpert-v1.0-small/train/patient00001/study1/view2_lateral.jpg,Female,68,Lateral,,1.0{BLANK}\n"
        f"CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0{BLANK}\n"
        f"CheXpert-v1.0-small/train/patient00001/study2/view1_frontal.jpg,Female,68,Frontal,AP,,,,-1.0,,,,,,,,,,\n"
        f"../../etc/passwd,Female,68,Frontal,AP,1.0{BLANK}\n",
        "groundtruth.csv": f"Study,{LABELS}\nCheXpert-v1.0/test/patient64741/study1,0,1,1,0,0,0,0,0,0,0,0,0,0,1\n",
        "train/patient00001/study1/view1_frontal.jpg": "x",
        "train/patient00001/study1/view2_lateral.jpg": "y",
        "test/patient64741/study1/view1_frontal.jpg": "z",
    },
    "nih": {
        "Data_Entry_2017_v2020.csv": "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
        "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
        "00000001_000.png,Cardiomegaly|Emphysema,0,1,57,M,PA,2682,2749,0.143,0.143\n"
        "00000002_000.png,No Finding,0,2,411,F,AP,1,1,0.1,0.1\n",
        "BBox_List_2017.csv": "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Infiltrate,256,512,256,128\n"
        "00000001_000.png,Infiltrate,0,0,512,512\n00000001_000.png,Mass,1000,0,200,10\n"
        "00000009_000.png,Mass,1,1,2,2\n00000001_000.png,Mass,a,0,200,10\n",
        "train_val_list.txt": "00000001_000.png\n",
        "test_list.txt": "00000002_000.png\r\n",
        "images_001/images/00000001_000.png": "x",
        "images/00000002_000.png": "y",
    },
    "nih-lt": {
        "nih-cxr-lt_single-label_train.csv": ",id,No Finding,Hernia,Tortuous Aorta\n0,00000001_000.png,0,0,1\n1,00000001_001.png,1,1,0\n",
        "nih-cxr-lt_single-label_balanced-val.csv": "id,No Finding,Hernia,Tortuous Aorta\n00000002_000.png,0.0,1.0,0.0\n",
        "images/00000001_000.png": "x",
        "images/00000002_000.png": "y",
    },
    "padchest": {
        "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv": ",ImageID,ImageDir,StudyDate_DICOM,StudyID,PatientID,PatientBirth,PatientSex_DICOM,Projection,Report,Labels\n"
        "0,a.png,5,20140915,S1,P1,1930.0,M,L,torax normal .,\"['normal', 'cardiomegaly ', '']\"\n"
        "1,b.png,5,20140915,S1,P1,1930.0,M,PA,torax normal .,\"['normal']\"\n2,c.png,6,20140915,S2,P2,1990,F,COSTAL,,nan\n"
        "3,,6,20140915,S3,P2,1990,F,PA,,\n",
        "5/a.png": "x",
        "5/b.png": "y",
        "6/c.png": "z",
    },
    "padchest-gr": {
        "grounded_reports_20240819.json": """[{"StudyID":"S1","ImageID":"a.png","PreviousImageID":"p.png","findings":[
            {"sentence_en":"Small left effusion.","sentence_es":"x","abnormal":true,"boxes":[[0.1,0.2,0.3,0.4],[0.5,0.5,0.4,0.6]],
             "labels":["pleural effusion"]},{"sentence_en":"Normal heart.","abnormal":false}]},{"StudyID":"S2"},7]""",
        "master_table.csv": "StudyID,ImageID,PatientID,PatientSex_DICOM,split,label,label_group\nS1,a.png,P1,F,validation,pleural effusion,g\n",
        "PadChest_GR/a.png": "x",
        "PadChest_GR_progression_prior_studies/p.png": "y",
    },
    "vindr": {
        "annotations/annotations_train.csv": "image_id,rad_id,class_name,x_min,y_min,x_max,y_max\na,R1,Cardiomegaly,20,40,60,80\n"
        "a,R2,Cardiomegaly,24,40,64,80\na,R3,Nodule/Mass,0,0,10,10\n"
        "a,R3,Nodule/Mass,10,20,30,40\nb,R1,No finding,,,,\nb,R2,ILD,,,,\n",
        "annotations/image_labels_train.csv": "image_id,rad_ID,COPD,Pneumonia,Other disease\na,R1,0,1,1\na,R2,0,1,0\na,R3,0,0,0\n",
        "train/a.png": (100, 200),
        "train/b.png": (40, 30),
    },
    "ms-cxr": {
        "MS_CXR_Local_Alignment_v1.0.0.csv": "category_name,label_text,path,x,y,w,h,image_width,image_height,dicom_id\n"
        + "".join(
            f"{name},files/p10/p10000032/s50414267/d1.jpg,{box},1000,500,d1\n"
            for name, box in (
                ("Pneumonia,left opacity", "100,0,100,50"),
                ("Pneumonia,left opacity", "500,0,100,50"),
                ("Edema,edema", "0,0,0,50"),
            )
        ),
        "files/p10/p10000032/s50414267/d1.jpg": "x",
    },
    "rsna-pneumonia": {
        "stage_2_train_labels.csv": "patientId,x,y,width,height,Target\na,264,152,213,379,1\na,562,152,256,453,1\nb,,,,,0\nc,1,1,1,1,2\n",
        "stage_2_detailed_class_info.csv": "patientId,class\na,Lung Opacity\nb,No Lung Opacity / Not Normal\n",
        "stage_2_train_images/a.dcm": "x",
        "stage_2_train_images/b.dcm": "y",
    },
    "rsna-boneage": {
        "boneage-training-dataset.csv": "id,boneage,male\n1377,180,False\n1378,12,True\n1379,old,True\n",
        "boneage-training-dataset/1377.png": "x",
        "boneage-training-dataset/1378.png": "y",
        "boneage-training-dataset/1379.png": "z",
    },
    "covid-chestxray": {
        "metadata.csv": "patientid,offset,sex,age,finding,survival,view,modality,date,location,folder,filename,doi,url,license,clinical_notes\n"
        '2,0,M,65,Pneumonia/Viral/COVID-19,Y,PA,X-ray,2020,X,images,a.jpg,,,CC BY-NC-SA,"Fever,\n cough."\n'
        "2,5,M,65,Pneumonia,Y,Axial,CT,2020,X,volumes,b.nii.gz,,,,\n,5,M,65,Pneumonia,Y,PA,X-ray,2020,X,images,c.jpg,,,,\n",
        "images/a.jpg": "x",
    },
    "brax": {
        "master_spreadsheet_update.csv": "DicomPath,PngPath,PatientID,PatientSex,PatientAge,AccessionNumber,StudyDate,"
        + LABELS
        + ",ViewPosition,Rows,Columns,Manufacturer\n"
        + "".join(
            f"Anonymized_DICOMs/{path}.dcm,images/{path}.png,{patient},F,{age},A1,20100102,{labels},{view},10,20,X\n"
            for path, patient, age, labels, view in (
                ("id_p1/Study_1.2/Series_1/image-1", "p1", "45", ",,1.0,,,-1.0,,,,0.0,,,,", "PA"),
                ("id_p1/Study_1.2/Series_2/image-2", "p1", "45", ",,1.0,,,-1.0,,,,0.0,,,,", "L"),
                ("id_p2/Study_3.4/Series_1/image-1", "p2", "85 or more", "1.0,,,,,,,,,,,,,todo", "AP LLD"),
            )
        ),
        "images/id_p1/Study_1.2/Series_1/image-1.png": "x",
        "images/id_p1/Study_1.2/Series_2/image-2.png": "y",
    },
    "siim-acr": {
        "train-rle.csv": "ImageId, EncodedPixels\na,10 20 1004 20\nb, -1\nc,\nd,7 x\ne,1 2 1 2 1 2\n",
        "dicom-images-train/s1/t1/a.png": (1024, 1024),
        "dicom-images-train/s2/t2/b.dcm": "y",
    },
    "siim-covid": {
        "train_study_level.csv": "id,Negative for Pneumonia,Typical Appearance,Indeterminate Appearance,Atypical Appearance\n"
        "s1_study,0,1,0,0\ns2_study,1,0,0,0\n",
        "train_image_level.csv": "id,boxes,label,StudyInstanceUID\ni1_image,,opacity 1 10 20 40 60,s1\n"
        "i2_image,,opacity 1 1 2 3 4,s1\ni3_image,,none 1 0 0 1 1,s2\n",
        "meta.csv": "image_id,dim0,dim1,split\ni1,200,100,train\n",
        "train/s1/r1/i1.png": (50, 100),
        "train/s1/r2/i2.png": (50, 100),
        "train/s2/r1/i3.png": (50, 100),
    },
    "tbx11k": {
        "annotations/json/TBX11K_train.json": '{"images":[{"id":1,"file_name":"tb/tb1.png","width":512,"height":512},'
        '{"id":2,"file_name":"health/h1.png","width":512,"height":512},{"id":3,"file_name":"tb/tb2.png"}],'
        '"categories":[{"id":1,"name":"ActiveTuberculosis"}],'
        '"annotations":[{"id":1,"image_id":1,"category_id":1,"bbox":[128,256,64,128]}]}',
        "imgs/tb/tb1.png": (512, 512),
        "imgs/health/h1.png": (512, 512),
        "imgs/tb/tb2.png": (512, 512),
    },
    "brixia": {
        "metadata_global_v2.csv": "Filename;Subject;StudyDate;Sex;BrixiaScore;BrixiaScoreGlobal;ConsensusTestset\n"
        "a.dcm;7;20200301;M;112233;12;1\nb.dcm;7;20200302;M;11;2;0\nc.dcm;8;20200301;F;114000;6;0\n",
        "metadata_consensus_v1.csv": "Filename,ModeA,ModeB,ModeC,ModeD,ModeE,ModeF\na.dcm,1,1,2,2,3,2\n",
        "dicom_clean/a.dcm": "x",
        "dicom_clean/b.dcm": "y",
        "dicom_clean/c.dcm": "z",
    },
    "irma": {
        "ImageCLEFmed2009_train_codes.02.csv": "image_id;irma_code;05_class\n1880;1121-127-700-500;12\n1881;1123-211-520-3a0;1\n1882;x;1\n",
        "ImageCLEFmed2009_train.02/1880.png": "x",
        "ImageCLEFmed2009_train.02/1881.png": "y",
    },
    "xraygpt": {
        "filter_cap.json": '{"annotations":[{"image_id":"384_1","caption":"The lungs are clear."},{"image_id":"384_2","caption":""}]}',
        "image/384_1.png": "x",
    },
    "fastchat": {
        "dialogues.json": '[{"id":"1","conversations":[{"from":"human","value":"What is an opacity on my x-ray?"},'
        '{"from":"gpt","value":"Welcome to ChatDoctor. A white spot."}]},'
        '{"id":"2","conversations":[{"from":"human","value":"My knee hurts."},{"from":"gpt","value":"Rest."}]},'
        '{"id":"3","conversations":[{"from":"gpt","value":"Hello."}]}]',
    },
    "medimageinsight": {
        "train_image.tsv": f"k1\t{PICTURE}\nk2\t{PICTURE}\nk3\tQUJD\n",
        "train_text.tsv": 'k1\t{"class_id":0,"class_name":"Mass","source":"nih","task":"classification"}\n'
        'k2\t{"captions":["A film.","Another."]}\nk3\t{"captions":"x"}\n',
    },
    "csv": {
        "mine.csv": "image,patient,age,report,Cardiomegaly,tumour,scanner,target_weight\na.png,P1,40,Normal chest.,1,1,3,70.5\n"
        "b.png,P2,x,,2,0,4,heavy\n,,,Only text.,,,,\n",
        "a.png": "x",
        "images/b.png": "y",
    },
    "manifest": {
        "studies.jsonl": '{"study_id":"a","images":[{"path":"a.png","view":"other"}]}\n{"study_id":\n'
        '{"study_id":"b","images":[{"path":"none.png"}]}\n',
        "a.png": "x",
    },
    "openi": {
        "ecgen-radiology/1.xml": """<eCitation><uId id="CXR1"/><MedlineCitation><Article><Abstract>
            <AbstractText Label="COMPARISON">None.</AbstractText><AbstractText Label="INDICATION">Positive TB test</AbstractText>
            <AbstractText Label="FINDINGS">The cardiac silhouette is normal. The lungs are clear.</AbstractText>
            <AbstractText Label="IMPRESSION">Normal chest.</AbstractText></Abstract></Article></MedlineCitation>
            <MeSH><major>normal</major></MeSH><parentImage id="CXR1_1_IM-0001-3001"/></eCitation>""",
        "ecgen-radiology/2.xml": "<eCitation><uId",
        "NLMCXR_png/CXR1_1_IM-0001-3001.png": "x",
    },
    "openi-csv": {
        "indiana_reports.csv": "uid,MeSH,Problems,image,indication,comparison,findings,impression\n"
        "1,normal,normal,x,Cough.,None.,The lungs are clear. Heart size is normal.,No acute disease.\n2,,,,,,,\n",
        "indiana_projections.csv": "uid,filename,projection\n1,1_IM-0001-4001.dcm.png,Frontal\n1,1_IM-0001-3001.dcm.png,Lateral\n",
        "images/images_normalized/1_IM-0001-4001.dcm.png": "x",
    },
}
NAMES = list(SETS)


def grey_png(width, height, value):
    """Bytes of a picture of one channel and 8 bits; value(x, y)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(value(x, y) & 255 for x in range(width)) for y in range(height))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def write(name, folder):
    for path, content in SETS[name].items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, tuple):
            target.write_bytes(grey_png(*content, lambda x, y: 3 * x + y * y // 7))
        else:
            target.write_bytes(content.encode())
